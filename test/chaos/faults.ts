import { FAILPOINTS, type FailpointName } from '@kit/platform/failpoints'
import type { Random } from './random.ts'

export type Victim = 'fleet' | 'postgres' | 'broker'

/** One thing that happens to the shop, some ms after it is ready. */
export type Fault =
  | { readonly kill: Victim; readonly after: number }
  | { readonly failpoint: FailpointName; readonly hit: number }

export type FaultPlan = {
  /** Kills at random times. */
  readonly kills: number
  readonly failpoints: readonly FailpointName[]
  /** How often each failpoint must fire. */
  readonly times: number
  /** Its jobs go by RabbitMQ, which is killed as well. */
  readonly broker?: boolean
}

/**
 * Those that a shop comes by while it sells; some only where a broker has its jobs. Facts are told in newcomer.test.ts.
 */
export const failpointsOf = (broker: boolean): readonly FailpointName[] =>
  (Object.keys(FAILPOINTS) as FailpointName[]).filter(
    (name) => !name.startsWith('facts.') && (broker || !/^(relay|delivery)\./.test(name)),
  )

/** Ms between one fault and the next, on average, once the shop is ready again. */
const EVERY = 2_000

export const planFaults = (
  { kills, failpoints, times, broker = false }: FaultPlan,
  chance: Random,
): readonly Fault[] => {
  const atRandom = Array.from({ length: kills }, (_, n): Fault => ({
    kill: n % 3 === 1 ? 'postgres' : broker && n % 6 === 2 ? 'broker' : 'fleet',
    after: chance.between(200, 2 * EVERY - 200),
  }))
  const atPoints = failpoints.flatMap((failpoint) =>
    Array.from({ length: times }, (): Fault => ({ failpoint, hit: chance.between(1, 12) })),
  )
  return chance.shuffle([...atRandom, ...atPoints])
}
