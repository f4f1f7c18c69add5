import { findPostmaster } from '@kit/embedded-postgres/folder'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './faults.ts'
import type { Keeper } from './keeper.ts'

export type Nemesis = {
  readonly keeper: Keeper
  readonly pgDir: string
  readonly log: (line: string) => void
  /** Called before each fault. */
  readonly next: () => void
  /** Kills RabbitMQ; resolves when it answers again. */
  readonly killBroker: () => Promise<void>
  /** Resolves when the database answers again. */
  readonly databaseIsBack: () => Promise<void>
}

/** What was done to the shop, as counted. */
export type Done = {
  fleet: number
  postgres: number
  broker: number
  readonly failpoints: Map<string, number>
  last: number
}

/** Ms that an armed failpoint gets to fire before the shop is restarted with it nearer. */
const FIRES_WITHIN = 8_000
const REPEATS = 6

/** Does to the shop what was planned, one after the other; each restart is at once. */
export const torment = async (faults: readonly Fault[], nemesis: Nemesis): Promise<Done> => {
  const done: Done = { fleet: 0, postgres: 0, broker: 0, failpoints: new Map(), last: Date.now() }
  for (const fault of faults) {
    nemesis.next()
    if ('failpoint' in fault) await fire(fault, nemesis, done)
    else await kill(fault, nemesis, done)
    done.last = Date.now()
  }
  if (!nemesis.keeper.isUp) await nemesis.keeper.start()
  return done
}

type AtPoint = Extract<Fault, { failpoint: string }>
type AtRandom = Extract<Fault, { kill: string }>

const fire = async ({ failpoint, hit }: AtPoint, nemesis: Nemesis, done: Done): Promise<void> => {
  const { keeper, log } = nemesis
  for (let attempt = 1; attempt <= REPEATS; attempt++) {
    if (keeper.isUp) await killFleet(nemesis, done)
    const at = attempt === 1 ? hit : 1
    const opened = await keeper.start(`${failpoint}:${at}`)
    if (!opened || (await keeper.ends(FIRES_WITHIN))) {
      done.failpoints.set(failpoint, (done.failpoints.get(failpoint) ?? 0) + 1)
      log(`died at ${failpoint}:${at}`)
      return
    }
    log(`${failpoint}:${at} was not reached`)
    nemesis.next()
  }
}

const kill = async ({ kill: victim, after }: AtRandom, nemesis: Nemesis, done: Done): Promise<void> => {
  const { keeper, pgDir, log, databaseIsBack } = nemesis
  if (!keeper.isUp) await keeper.start()
  await sleep(after)
  if (victim === 'fleet') {
    await killFleet(nemesis, done)
    log('killed the fleet')
    return
  }
  if (victim === 'broker') {
    done.broker++
    log('killed RabbitMQ')
    return nemesis.killBroker()
  }
  const postmaster = findPostmaster(pgDir)
  if (postmaster === undefined) throw new Error(`no PostgreSQL runs on ${pgDir}`)
  process.kill(postmaster.pid, 'SIGKILL')
  done.postgres++
  log('killed PostgreSQL')
  await databaseIsBack()
}

const killFleet = async ({ keeper }: Nemesis, done: Done): Promise<void> => {
  await keeper.kill()
  done.fleet++
}
