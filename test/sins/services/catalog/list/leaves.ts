// sin: no-process-exit
export const leave = (): void => {
  process.exit(1)
}
