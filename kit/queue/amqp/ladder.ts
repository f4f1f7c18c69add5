/** What the smallest step takes, in ms: delays are multiples of it. */
const UNIT = 100

/** The steps in ms, longest first. Each takes twice as long as the next, so some of them together make any multiple of the last. */
export const STEPS: readonly number[] = [512, 256, 128, 64, 32, 16, 8, 4, 2, 1].map((units) => units * UNIT)

/** So far ahead a job may be given to the broker, in ms; what is due later waits in the database. */
export const AHEAD = 60_000

/**
 * The steps that together take at least `ms`: a routing key with 1 for a step that is waited on and 0 for one that is passed by.
 * Undefined when there is nothing to wait for. No delay is longer than all steps together.
 */
export const stepsOf = (ms: number): string | undefined => {
  const units = Math.min(2 ** STEPS.length - 1, Math.ceil(ms / UNIT))
  return units <= 0 ? undefined : units.toString(2).padStart(STEPS.length, '0').split('').join('.')
}

/** Matches the routing keys in which the step at `index` is waited on (1) or passed by (0), whatever the others say. */
export const patternOf = (index: number, bit: 0 | 1): string =>
  [...STEPS.map((_step, n) => (n === index ? bit : '*')), '#'].join('.')

/** Matches the routing keys of one kind of job after all steps. */
export const arrivalOf = (type: string): string => [...STEPS.map(() => '*'), type].join('.')
