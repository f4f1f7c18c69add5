// sin: no-restricted-globals, handlers-read-no-clock
export const now = (): number => Date.now()
