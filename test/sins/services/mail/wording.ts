// sin: handlers-read-no-clock, handlers-throw-no-dice
/** Is judged because a handler imports it. */
export const wording = (at: Date): string =>
  `${at.toISOString()} ${performance.now()} ${Math.random()} ${new Date('2026-01-01').getTime()}`
