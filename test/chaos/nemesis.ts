import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { isGoingOn, progressOf } from './going-on.ts'
import { kindOf, type Fault, type Victim } from './plan.ts'
import type { World } from './world.ts'

export type Nemesis = World & {
  /** Called before each fault: more purchases may begin. */
  readonly next: () => void
  /** Called when a fault's moment did not come: it is waited for once more. */
  readonly onceMore: () => void
  /** Kills RabbitMQ; resolves when it answers again. */
  readonly killBroker: () => Promise<void>
}

/** What was done to the shop, as counted. */
export type Done = {
  readonly kills: Record<Victim, number>
  readonly failpoints: Map<string, number>
  readonly disturbances: Map<string, number>
  /** What did not go on after a fault was over. */
  readonly complaints: string[]
  last: number
}

/** Ms that an armed failpoint gets to fire before the shop is restarted with it nearer. */
const FIRES_WITHIN = 8_000
const REPEATS = 6
/** Times that a fault is tried whose moment did not come. */
const MOMENTS = 4

/** Does to the shop what was planned, one after the other; each restart is at once. */
export const torment = async (faults: readonly Fault[], nemesis: Nemesis): Promise<Done> => {
  const done: Done = {
    kills: { fleet: 0, postgres: 0, broker: 0, kafka: 0 },
    failpoints: new Map(),
    disturbances: new Map(),
    complaints: [],
    last: Date.now(),
  }
  const beside: Promise<void>[] = []
  for (const fault of faults) {
    nemesis.next()
    if ('failpoint' in fault) await fire(fault, nemesis, done)
    else if ('kill' in fault) await kill(fault, nemesis, done)
    else beside.push(...(await disturb(fault, nemesis, done)))
    done.last = Date.now()
  }
  await Promise.all(beside)
  if (beside.length > 0) done.last = Date.now()
  if (!nemesis.keeper.isUp) await nemesis.keeper.start()
  return done
}

type AtPoint = Extract<Fault, { failpoint: string }>
type AtRandom = Extract<Fault, { kill: string }>
type OfKind = Extract<Fault, { kind: string }>

const fire = async ({ failpoint, hit }: AtPoint, nemesis: Nemesis, done: Done): Promise<void> => {
  const { keeper, log } = nemesis
  for (let attempt = 1; attempt <= REPEATS; attempt++) {
    if (keeper.isUp) await killFleet(nemesis, done)
    const at = attempt === 1 ? hit : 1
    const opened = await keeper.start(`${failpoint}:${at}`)
    if (!opened || (await keeper.ends(FIRES_WITHIN))) {
      count(done.failpoints, failpoint)
      log(`died at ${failpoint}:${at}`)
      return
    }
    log(`${failpoint}:${at} was not reached`)
    nemesis.onceMore()
  }
}

const kill = async ({ kill: victim, after }: AtRandom, nemesis: Nemesis, done: Done): Promise<void> => {
  const { keeper, log, database } = nemesis
  if (!keeper.isUp) await keeper.start()
  await sleep(after)
  if (victim === 'fleet') {
    await killFleet(nemesis, done)
    log('killed the fleet')
    return
  }
  done.kills[victim]++
  if (victim === 'broker') {
    log('killed RabbitMQ')
    return nemesis.killBroker()
  }
  if (victim === 'kafka') return killKafka(nemesis)
  process.kill(database.postmaster, 'SIGKILL')
  log('killed PostgreSQL')
  await database.answers()
}

/** One of its brokers, which is started again at once. */
const killKafka = async ({ kafka, chance, log }: Nemesis): Promise<void> => {
  if (kafka === undefined) throw new Error('the log has no brokers')
  const n = chance.between(0, kafka.count - 1)
  await kafka.kill(n)
  log(`killed Kafka's broker ${n + 1}`)
  await kafka.run(n)
}

const killFleet = async ({ keeper }: Nemesis, done: Done): Promise<void> => {
  await keeper.kill()
  done.kills.fleet++
}

/** One that goes on beside those after it is returned. */
const disturb = async (fault: OfKind, nemesis: Nemesis, done: Done): Promise<readonly Promise<void>[]> => {
  const begun = await begin(fault, nemesis)
  if (begun === undefined) return []
  const { kind, lasts } = fault
  nemesis.log(`${kind} for ${lasts} ms`)
  count(done.disturbances, kind)
  const over = endsAfter(begun, lasts).then(() => nemesis.log(`${kind} is over`))
  if (kindOf(kind).beside === true) return [over]
  await over
  done.complaints.push(...(await seeItGoOn(kind, nemesis)))
  return []
}

/** Undefined when its moment did not come. */
const begin = async ({ kind, after }: OfKind, nemesis: Nemesis): Promise<Disposable | AsyncDisposable | undefined> => {
  for (let moment = 1; moment <= MOMENTS; moment++) {
    if (!nemesis.keeper.isUp) await nemesis.keeper.start()
    await sleep(after)
    try {
      return await kindOf(kind).begin(nemesis)
    } catch (error) {
      nemesis.log(`${kind} could not be done: ${String(error)}`)
      nemesis.onceMore()
    }
  }
  return undefined
}

const endsAfter = async (begun: Disposable | AsyncDisposable, ms: number): Promise<void> => {
  await using _until = begun
  await sleep(ms)
}

/** What is wrong when it does not: ready again, and purchases coming to their ends. */
const seeItGoOn = async (kind: string, nemesis: Nemesis): Promise<readonly string[]> => {
  const before = await progressOf(nemesis.database.url)
  nemesis.next()
  const fault = await isGoingOn(nemesis, before)
  if (fault !== undefined) nemesis.log(`the shop has said:\n${nemesis.keeper.said}`)
  return fault === undefined ? [] : [`liveness: after ${kind} ${fault}`]
}

const count = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
