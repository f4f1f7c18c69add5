import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Person, Product, Shop } from '../fleet/shop.ts'
import { Rabbit } from '../cluster/rabbitmq.ts'
import { mountSmallDisk } from '../faults/small-disk.ts'
import { clockIn } from '../faults/wrong-clock.ts'
import { buyAll } from './customers.ts'
import { Database } from './database.ts'
import { Door } from './door.ts'
import { planFaults, type FaultPlan } from './plan.ts'
import { History } from './history.ts'
import { intent, type Range } from './intents.ts'
import { judge, type Verdict } from './judge.ts'
import { Keeper } from './keeper.ts'
import { torment, type Done } from './nemesis.ts'
import { random } from './random.ts'

export type ChaosOptions = FaultPlan & {
  readonly purchases: number
  readonly seed: number
  readonly log: (line: string) => void
  /** False: quicker; killed processes lose nothing by it, only a machine would. */
  readonly fsync?: boolean
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
  readonly kills: { readonly fleet: number; readonly postgres: number; readonly broker: number }
  readonly hits: Readonly<Record<string, number>>
  readonly disturbances: Readonly<Record<string, number>>
  readonly starts: number
  readonly collapses: number
}

const BUYERS = 4
const AT_ONCE = 16
/** Ms between faults over which the purchases of one stretch are spread. */
const STRETCH = 1_500
/** What has to be paid later has to be paid soon. */
const SOON = {
  ORDER_REMINDERS: '2s,4s',
  ORDER_EXPIRY: '6s',
  PAYMENT_WEBHOOK_SECRETS: 'whsec_Y2hhb3MsIGFuZCBtb3JlIGNoYW9zLCBvdmVyIGFuZCBvdmVy',
}

const PLENTY = 100_000
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
    const clock = clockIn(join(scratch, 'clock'))
    const env = {
      PAYMENT_TIMEOUT: '1s',
      ...SOON,
      ...(rabbit !== undefined && { QUEUE_URL: rabbit.url }),
      ...options.env,
      ...(disturbed.includes('wrong-clock') && {
        NODE_OPTIONS: [options.env?.['NODE_OPTIONS'] ?? '', clock.nodeOptions].join(' ').trim(),
      }),
    }
    const keepers: Keeper[] = []
    const keep = (name: string): Keeper => {
      const here = { dataDir: join(scratch, name), env: { ...env, DATABASE_URL: database.net.url } }
      const one = owned.use(new Keeper(here, log))
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
    const gate = new Gate(Math.ceil(purchases / (openings + 1)), purchases)
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
      intent: (n: number) => intent(n, stage.range, BUYERS, random(seed, `purchase ${n}`), `chaos-${seed}`),
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
      further: () => keep('further'),
      chance: random(seed, 'nemesis'),
      next: () => gate.open(),
    })
    const [done] = await Promise.all([tormenting.finally(() => gate.openAll()), buying])
    log(`all asked ${((Date.now() - done.last) / 1000).toFixed(1)} s after the last fault`)
    const verdict = await judge({
      url: database.url,
      history,
      opening: stage.opening,
      done,
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

/** Lets purchases begin in stretches, one for each fault, so that there is load at every one of them. */
class Gate {
  readonly #share: number
  #allowed = 0
  #changed = Promise.withResolvers<void>()
  readonly #total: number

  constructor(share: number, total: number) {
    this.#share = share
    this.#total = total
  }

  /** Ms between two purchases of one customer, on average. */
  get pause(): number {
    return (STRETCH * AT_ONCE) / this.#share
  }

  open(): void {
    this.#allowed = Math.min(this.#total, this.#allowed + this.#share)
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  openAll(): void {
    this.#allowed = this.#total
    this.open()
  }

  async reaches(n: number): Promise<void> {
    while (n >= this.#allowed) await this.#changed.promise
  }
}

type Stage = {
  readonly buyers: readonly Person[]
  readonly range: Range
  readonly opening: ReadonlyMap<string, number>
}

const openStage = async (shop: Shop, short: number): Promise<Stage> => {
  const buyers: Person[] = []
  for (let n = 0; n < BUYERS; n++) buyers.push(await shop.person(`Buyer${n}`))
  const [seller] = buyers
  if (seller === undefined) throw new Error('nobody sells')
  const category = await shop.category(seller)
  const list = async (count: number, inventory: number): Promise<Product[]> => {
    const products: Product[] = []
    for (let n = 0; n < count; n++)
      products.push(await shop.product(seller, category, { price: 100 + 25 * n, inventory }))
    return products
  }
  const range = { plenty: await list(8, PLENTY), short: await list(2, short) }
  const opening = new Map([
    ...range.plenty.map(({ id }) => [id, PLENTY] as const),
    ...range.short.map(({ id }) => [id, short] as const),
  ])
  return { buyers, range, opening }
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
