import { FAILPOINTS, type FailpointName } from '@kit/platform/failpoints'
import { kinds, type KindName } from './faults/kinds.ts'
import type { Random } from './random.ts'
import type { Disturbance } from './world.ts'

export type Victim = 'fleet' | 'postgres' | 'broker' | 'kafka'

/** One thing that happens to the shop, some ms after it is ready. */
export type Fault =
  | { readonly kill: Victim; readonly after: number }
  | { readonly failpoint: FailpointName; readonly hit: number }
  | { readonly kind: KindName; readonly after: number; readonly lasts: number }

export type FaultPlan = {
  /** Kills at random times. */
  readonly kills: number
  readonly failpoints: readonly FailpointName[]
  /** How often each failpoint must fire. */
  readonly times: number
  /** Its jobs go by RabbitMQ, which is killed as well. */
  readonly broker?: boolean
  /** Its log is a Kafka of so many brokers, which are killed as well; PostgreSQL when absent. */
  readonly brokers?: number
  /** What else happens, each kind so many times. */
  readonly kinds?: readonly KindName[]
  readonly rounds?: number
}

/**
 * Those that a shop comes by while it sells; some only where RabbitMQ has its jobs, some where Kafka is its log. Facts are
 * told in newcomer.test.ts.
 */
export const failpointsOf = ({ broker, brokers }: Pick<FaultPlan, 'broker' | 'brokers'>): readonly FailpointName[] =>
  (Object.keys(FAILPOINTS) as FailpointName[]).filter((name) => {
    if (name.startsWith('facts.')) return false
    if (/^(relay|delivery)\./.test(name)) return broker === true
    return brokers !== undefined || !name.startsWith('log-relay.')
  })

/** Kinds of faults that this machine and a log of so many brokers can have, and why they cannot have the others. */
export const kindsHere = (wanted: readonly KindName[], brokers = 0) => {
  const reasons = wanted.map((name) => [name, kindOf(name).missing?.(brokers)] as const)
  return {
    can: reasons.flatMap(([name, reason]) => (reason === undefined ? name : [])),
    cannot: reasons.filter(([, reason]) => reason !== undefined),
  }
}

export const kindOf = (name: KindName): Disturbance => kinds[name]

/** Ms between one fault and the next, on average, once the shop is ready again. */
const EVERY = 2_000

const victimOf = (n: number, { broker = false, brokers }: FaultPlan): Victim => {
  if (n % 3 === 1) return 'postgres'
  if (broker && n % 6 === 2) return 'broker'
  return brokers !== undefined && n % 6 === 5 ? 'kafka' : 'fleet'
}

export const planFaults = (plan: FaultPlan, chance: Random): readonly Fault[] => {
  const { kills, failpoints, times, kinds: others = [], rounds = 1 } = plan
  const atRandom = Array.from({ length: kills }, (_, n): Fault => ({
    kill: victimOf(n, plan),
    after: chance.between(200, 2 * EVERY - 200),
  }))
  const atPoints = failpoints.flatMap((failpoint) =>
    Array.from({ length: times }, (): Fault => ({ failpoint, hit: chance.between(1, 12) })),
  )
  const disturbances = Array.from({ length: rounds }, (_, round) =>
    others.filter((name) => round % 2 === 0 || kindOf(name).seldom !== true),
  ).flatMap((names) =>
    names.map((kind): Fault => {
      const [least, most] = kindOf(kind).lasts
      return { kind, after: chance.between(200, EVERY), lasts: chance.between(least, most) }
    }),
  )
  return chance.shuffle([...atRandom, ...atPoints, ...disturbances])
}
