// sin: no-floating-promises
const write = async (): Promise<void> => {}

export const forget = (): void => {
  write()
}
