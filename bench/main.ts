// `npm run bench -- purchases --seconds 30 [--json]`: measures the shop from outside and checks the laws afterwards.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { measureGrowth } from './growth.ts'
import { measureHot } from './hot.ts'
import { measureJobs } from './jobs.ts'
import { measureOverload } from './overload.ts'
import { measurePurchases } from './purchases.ts'
import { measureReads } from './reads.ts'
import { measureRetention } from './retention.ts'
import { measureTimers } from './timers.ts'
import {
  describeGrowth,
  describeHot,
  describeJobs,
  describeOverload,
  describePurchases,
  describeReads,
  describeRetention,
  describeTimers,
} from './report.ts'

const HELP = `npm run bench -- <what> [options]

  purchases         purchases completed per second, and how that compares with bare SQL that writes the
                    same rows, and with bare SQL that writes the fewest rows that the laws allow
  hot               the same in one shop, spread over all products and with one product in every purchase: the ratio
  growth            purchases accepted per second while --purchases N are being stored: the last over the first
  timers            --timers N timers of unpaid orders due at once: how fast they drain, what a lone purchase feels of it
  get-product       GET /api/v1/products/:id per second
  list-products     GET /api/v1/products per second: the first page of 20
  retention         how long a look takes that keeps the log short, for logs of up to --rows N rows
  overload          more purchases offered than the shop can do: what is accepted, completed and refused, the memory,
                    and normal load afterwards
  jobs              jobs per second from request to recorded end, by each queue

  --seconds N       how long to measure, each window (30; overload 60)
  --warmup N        seconds of load before that (5)
  --connections N   clients at once (64)
  --products N      (100)
  --json            the result as JSON on standard output (npm run --silent, or npm's own lines come first)

Of purchases:
  --rate N          purchases per second; as many as go through when absent
  --hot             one line of every purchase is of the same product
  --half            then a second window at half of the rate that was completed
  --lone N          then N purchases, one after the other
  --floor N         seconds of bare SQL, for each of the two floors (4)

Of timers:
  --timers N        (100000)
  --lone N          purchases to compare with, while nothing else happens (200)

Of retention:
  --rows N          (10000000)

Of overload:
  --times N         so many times what the shop completes at most (5)
  --rate N          instead, purchases offered per second
  --keyless         requests without an Idempotency-Key

Of growth:
  --purchases N     how many are stored in the end (1000000)
  --stored N        instead: two windows with none, then so many are stored by SQL, copies of those bought, then two windows

Of jobs:
  --queue URL       amqp://user:password@host:5672 of a broker; the machine's own RabbitMQ, if any, is started when absent

Exit code 1 when a law does not hold afterwards, an answer was not 200, or a job was lost or repeated. The result is also written to bench/results/.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    warmup: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    products: { type: 'string', default: '100' },
    floor: { type: 'string', default: '4' },
    purchases: { type: 'string', default: '1000000' },
    rows: { type: 'string', default: '10000000' },
    timers: { type: 'string', default: '100000' },
    stored: { type: 'string' },
    rate: { type: 'string' },
    queue: { type: 'string' },
    lone: { type: 'string' },
    half: { type: 'boolean', default: false },
    hot: { type: 'boolean', default: false },
    times: { type: 'string', default: '5' },
    keyless: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const tell = (line: string): void => console.error(`  ${line}`)

const common = {
  seconds: numberOf('seconds', values.seconds ?? (positionals[0] === 'overload' ? '60' : '30')),
  warmup: numberOf('warmup', values.warmup),
  connections: numberOf('connections', values.connections),
  products: numberOf('products', values.products),
}
const rate = values.rate === undefined ? {} : { rate: numberOf('rate', values.rate) }

switch (values.help || positionals.length !== 1 ? 'help' : (positionals[0] ?? 'help')) {
  case 'purchases': {
    const lone = values.lone === undefined ? 0 : numberOf('lone', values.lone)
    const { hot, half } = values
    const options = { ...common, ...rate, hot, half, lone, floorSeconds: numberOf('floor', values.floor) }
    show('purchases', await measurePurchases(options, tell), describePurchases)
    break
  }
  case 'hot':
    show('hot', await measureHot({ ...common, ...rate }, tell), describeHot)
    break
  case 'growth': {
    const purchases = numberOf('purchases', values.purchases)
    const stored = values.stored === undefined ? {} : { stored: numberOf('stored', values.stored) }
    show('growth', await measureGrowth({ ...common, purchases, ...stored }, tell), describeGrowth)
    break
  }
  case 'timers': {
    const timers = numberOf('timers', values.timers)
    const lone = values.lone === undefined ? 200 : numberOf('lone', values.lone)
    show('timers', await measureTimers({ timers, lone, products: common.products }, tell), describeTimers)
    break
  }
  case 'retention':
    show('retention', await measureRetention({ rows: numberOf('rows', values.rows) }, tell), describeRetention)
    break
  case 'overload': {
    const options = { ...common, ...rate, times: numberOf('times', values.times), keyed: !values.keyless }
    show('overload', await measureOverload(options, tell), describeOverload)
    break
  }
  case 'get-product':
    show('get-product', await measureReads('product', common, tell), describeReads)
    break
  case 'list-products':
    show('list-products', await measureReads('list', common, tell), describeReads)
    break
  case 'jobs': {
    const queue = values.queue === undefined ? {} : { queue: values.queue }
    show('jobs', await measureJobs({ ...common, ...queue }, tell), describeJobs)
    break
  }
  default:
    console.error(HELP)
    process.exitCode = values.help ? 0 : 2
}

function numberOf(name: string, text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  console.error(`--${name} ${text} is not a positive number`)
  return process.exit(2)
}

/** Prints the result, keeps it in a file, and lets the exit code say whether all was well. */
function show<Result extends { readonly violations: readonly string[] }>(
  name: string,
  result: Result,
  describe: (result: Result) => readonly string[],
): void {
  const at = new Date().toISOString()
  const folder = new URL('./results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const machine = {
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  }
  const file = new URL(`${name}-${at.replaceAll(':', '')}.json`, folder)
  writeFileSync(file, `${JSON.stringify({ at, machine, ...result }, undefined, 2)}\n`)
  if (values.json) console.log(JSON.stringify(result))
  else for (const line of describe(result)) console.log(line)
  process.exitCode = result.violations.length === 0 ? 0 : 1
}
