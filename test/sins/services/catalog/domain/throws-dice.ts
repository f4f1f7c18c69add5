// sin: no-restricted-properties, handlers-throw-no-dice
export const chance = (): number => Math.random()
