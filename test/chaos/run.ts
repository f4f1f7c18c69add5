import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka } from '../cluster/kafka.ts'
import { Rabbit } from '../cluster/rabbitmq.ts'
import { mountSmallDisk } from '../faults/small-disk.ts'
import { clockIn } from '../faults/wrong-clock.ts'
import { buyAll } from './customers.ts'
import { Database } from './database.ts'
import { Door } from './door.ts'
import { Gate } from './gate.ts'
import { planFaults, type FaultPlan } from './plan.ts'
import { History } from './history.ts'
import { intent } from './intents.ts'
import { judge, type Verdict } from './judge.ts'
import { Keeper } from './keeper.ts'
import { torment, type Done } from './nemesis.ts'
import { random } from './random.ts'
import { openStage } from './stage.ts'

export type ChaosOptions = FaultPlan & {
  readonly purchases: number
  readonly seed: number
  readonly log: (line: string) => void
  /** False: quicker; killed processes lose nothing by it, only a machine would. */
  readonly fsync?: boolean
  /** Which messages services handle in one transaction; `switching`, unless given: another way at each start. */
  readonly together?: Way | 'switching'
  /** Further environment of the fleet. */
  readonly env?: Readonly<Record<string, string>>
  /** Where the client's history is written, a JSON line for each event. */
  readonly historyFile?: string
  /** Ms that everything may take to come to an end after the last fault. */
  readonly patience?: number
}

export type Report = Verdict & {
  readonly seed: number
  readonly seconds: number
  readonly requests: { readonly invoke: number; readonly ok: number; readonly fail: number; readonly info: number }
  readonly kills: { readonly fleet: number; readonly postgres: number; readonly broker: number; readonly kafka: number }
  readonly hits: Readonly<Record<string, number>>
  readonly disturbances: Readonly<Record<string, number>>
  readonly starts: number
  readonly collapses: number
}

/** The setting TOGETHER. */
type Way = (typeof WAYS)[number]
const WAYS = ['on', 'off', 'sometimes'] as const

/** Customers with a purchase under way. */
const AT_ONCE = 16
/** What has to be paid later has to be paid soon. */
const SOON = {
  ORDER_REMINDERS: '2s,4s',
  ORDER_EXPIRY: '6s',
  PAYMENT_WEBHOOK_SECRETS: 'whsec_Y2hhb3MsIGFuZCBtb3JlIGNoYW9zLCBvdmVyIGFuZCBvdmVy',
}

/** Megabytes of the disk that may be filled: two servers at a time, and their logs. */
const DISK = 2_000

/** One run: the shop, customers, faults, and in the end the verdict. */
export const chaos = async (options: ChaosOptions): Promise<Report> => {
  const { purchases, seed, log } = options
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-chaos-'))
  const began = performance.now()
  try {
    const disturbed = options.kinds ?? []
    await using owned = new AsyncDisposableStack()
    const disk = disturbed.includes('full-disk') ? owned.use(mountSmallDisk(join(scratch, 'disk'), DISK)) : undefined
    const database = owned.use(await Database.start({ dir: disk?.dir ?? scratch, fsync: options.fsync ?? true, log }))
    const rabbit = options.broker === true ? owned.use(await Rabbit.start(join(scratch, 'rabbitmq'))) : undefined
    const { brokers } = options
    const kafka =
      brokers === undefined ? undefined : owned.use(await Kafka.start(join(scratch, 'kafka'), { count: brokers }))
    const clock = clockIn(join(scratch, 'clock'))
    const env = {
      PAYMENT_TIMEOUT: '1s',
      ...SOON,
      ...(rabbit !== undefined && { QUEUE_URL: rabbit.url }),
      ...(kafka !== undefined && { LOG_URL: kafka.url }),
      ...options.env,
      ...(disturbed.includes('wrong-clock') && {
        NODE_OPTIONS: [options.env?.['NODE_OPTIONS'] ?? '', clock.nodeOptions].join(' ').trim(),
      }),
    }
    const { together = 'switching' } = options
    const ways = random(seed, 'together')
    const way = (): Way => (together === 'switching' ? ways.pick(WAYS) : together)
    const keepers: Keeper[] = []
    const keep = (name: string): Keeper => {
      const here = { dataDir: join(scratch, name), env: { ...env, DATABASE_URL: database.net.url } }
      const one = owned.use(new Keeper(here, () => ({ TOGETHER: way() }), log))
      keepers.push(one)
      return one
    }
    const keeper = keep('data')
    await keeper.start()
    const door = new Door(keeper)
    const stage = await openStage(await keeper.shop(), Math.max(3, Math.ceil(purchases / 80)))
    const faults = planFaults(options, random(seed, 'faults'))
    const history = new History()
    // A disturbance opens it twice: for the time before it, and for the time after.
    const openings = faults.length + faults.filter((fault) => 'kind' in fault).length
    const gate = new Gate({ total: purchases, openings, atOnce: AT_ONCE })
    const pace = random(seed, 'pace')
    const market = {
      shop: door.shop,
      buyers: stage.buyers,
      history,
      chance: random(seed, 'customers'),
      mayBegin: async (n: number) => {
        await sleep(pace.next() * 2 * gate.pause)
        await gate.reaches(n)
        return true
      },
      intent: (n: number) =>
        intent(n, stage.range, stage.buyers.length, random(seed, `purchase ${n}`), `chaos-${seed}`),
    }
    const buying = buyAll(market, purchases, AT_ONCE)
    const killBroker = async (): Promise<void> => {
      await rabbit?.remembers()
      await rabbit?.kill()
      await rabbit?.run()
    }
    const tormenting = torment(faults, {
      keeper,
      door,
      database,
      clock,
      log,
      killBroker,
      ...(disk !== undefined && { disk }),
      ...(kafka !== undefined && { kafka }),
      further: () => keep('further'),
      chance: random(seed, 'nemesis'),
      next: () => gate.open(),
      onceMore: () => gate.openOnceMore(),
    })
    const [done] = await Promise.all([tormenting.finally(() => gate.openAll()), buying])
    log(`all asked ${((Date.now() - done.last) / 1000).toFixed(1)} s after the last fault`)
    const verdict = await judge({
      url: database.url,
      history,
      opening: stage.opening,
      done,
      ...(kafka !== undefined && { kafka }),
      expected: options,
      collapses: keepers.reduce((sum, { collapses }) => sum + collapses, 0),
      ...(options.patience !== undefined && { patience: options.patience }),
    })
    if (options.historyFile !== undefined) {
      writeFileSync(options.historyFile, history.events.map((event) => `${JSON.stringify(event)}\n`).join(''))
    }
    return report(options, history, done, keepers, verdict, performance.now() - began)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const report = (
  { seed }: ChaosOptions,
  history: History,
  done: Done,
  keepers: readonly Keeper[],
  verdict: Verdict,
  ms: number,
): Report => ({
  ...verdict,
  seed,
  seconds: Math.round(ms / 1000),
  requests: {
    invoke: history.count('invoke'),
    ok: history.count('ok'),
    fail: history.count('fail'),
    info: history.count('info'),
  },
  kills: done.kills,
  hits: Object.fromEntries(done.failpoints),
  disturbances: Object.fromEntries(done.disturbances),
  starts: keepers.reduce((sum, { starts }) => sum + starts, 0),
  collapses: keepers.reduce((sum, { collapses }) => sum + collapses, 0),
})
