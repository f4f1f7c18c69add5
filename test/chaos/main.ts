// `npm run chaos -- --purchases 2000 --seed 7 [--log kafka [--brokers 3]] [--together on] [--kills 30] [--no-broker] [--json]
// [--history file]`: buys while the shop, its database, the RabbitMQ that has its jobs and the Kafka that is its log are killed,
// frozen, cut off, filled up and restored (faults/kinds.ts); then checks every law. Exit code 1 when one is broken. Without
// RabbitMQ, which it starts itself where the machine has one, jobs go by PostgreSQL; where CI=true its absence is a failure.
// `--only-faults restore,frozen-shop` or `--without table-away,kills` choose among the kinds, `kills` and `failpoints`; a kind
// that cannot be is named with the reason. Services handle messages together or not (TOGETHER), another way at each start unless
// --together says.
// `npm run chaos -- --defects [--only name]`: plants known defects, one after the other. Exit code 1 when one is not caught.
import process from 'node:process'
import { parseArgs } from 'node:util'
import { LEGAL } from './defects/defect.ts'
import { defects } from './defects/defects.ts'
import { chaosWith, prove } from './defects/prove.ts'
import { NotHere } from '../cluster/not-here.ts'
import { Rabbit } from '../cluster/rabbitmq.ts'
import { kinds, type KindName } from './faults/kinds.ts'
import { failpointsOf, kindsHere } from './plan.ts'
import { chaos, type ChaosOptions, type Report } from './run.ts'

const { values } = parseArgs({
  allowNegative: true,
  options: {
    purchases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string' },
    broker: { type: 'boolean', default: true },
    log: { type: 'string', default: 'postgres' },
    brokers: { type: 'string', default: '1' },
    history: { type: 'string' },
    together: { type: 'string', default: 'switching' },
    'only-faults': { type: 'string' },
    without: { type: 'string' },
    defects: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})

/** Ms: what the broker may have lost is given to it again after a minute. */
const BROKER_PATIENCE = 100_000

const whole = (name: string, text: string): number => {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} must be a whole number, not ${text}`)
  return number
}

const say = (line: string): void =>
  void process.stderr.write(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${line}\n`)
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const table = (report: Report): string => {
  const { requests, kills, ends, hits } = report
  const counts = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .map(([name, n]) => `${n} ${name}`)
      .join(', ')
  const rows = [
    ['seed', String(report.seed)],
    ['took', `${report.seconds} s`],
    ['asked', counts(requests)],
    ['ended', counts(ends)],
    ['possible', `${report.satisfied} of ${report.satisfiable} completed`],
    ['kills', counts(kills)],
    ['also', counts(report.disturbances)],
    ...Object.entries(hits).map(([name, n]) => [`died at`, `${name} ${n} times`]),
    ['starts', `${report.starts}, ${report.collapses} of them failed`],
    ['at rest', `${report.restedAfter.toFixed(1)} s after the last fault`],
    ['violations', String(report.violations.length)],
  ]
  return rows.map(([name = '', value]) => `${name.padEnd(11)} ${value}`).join('\n')
}

/** Whether RabbitMQ takes part: unless --no-broker says otherwise, where this machine can start it. */
const withBroker = (): boolean => {
  const missing = values.broker ? Rabbit.missing() : undefined
  if (missing === undefined) return values.broker
  if (process.env['CI'] === 'true') throw missing
  say(`without RabbitMQ: ${missing.message}`)
  return false
}

/** Of how many brokers the log is; undefined: it is PostgreSQL. */
const brokersOfLog = (): number | undefined => {
  const { log, brokers } = values
  if (log === 'postgres') return undefined
  if (log !== 'kafka') throw new Error(`--log must be postgres or kafka, not ${log}`)
  if (brokers !== '1' && brokers !== '3') throw new Error(`--brokers must be 1 or 3, not ${brokers}`)
  return Number(brokers)
}

const wayOf = (name: string): NonNullable<ChaosOptions['together']> => {
  const way = (['switching', 'on', 'off', 'sometimes'] as const).find((one) => one === name)
  if (way === undefined) throw new Error(`--together must be on, off, sometimes or switching, not ${name}`)
  return way
}

const ALL = [...(Object.keys(kinds) as KindName[]), 'kills', 'failpoints'] as const
type Chosen = (typeof ALL)[number]

/** What was asked for of all that can happen. Throws for a name that nothing has. */
const chosenFaults = (): readonly Chosen[] => {
  const named = (list: string | undefined): readonly string[] => list?.split(',').filter((name) => name !== '') ?? []
  const [only, without] = [named(values['only-faults']), named(values.without)]
  const unknown = [...only, ...without].filter((name) => !ALL.some((one) => one === name))
  if (unknown.length > 0) throw new Error(`no fault is called ${unknown.join(', ')}: choose from ${ALL.join(', ')}`)
  return ALL.filter((name) => (only.length === 0 || only.includes(name)) && !without.includes(name))
}

const torment = async (): Promise<boolean> => {
  const chosen = chosenFaults()
  const brokers = brokersOfLog()
  const { can, cannot } = kindsHere(
    chosen.filter((name) => name !== 'kills' && name !== 'failpoints'),
    brokers,
  )
  for (const [name, reason] of cannot) say(`without ${name}: ${reason}`)
  const purchases = whole('purchases', values.purchases)
  const seed = whole('seed', values.seed)
  const broker = withBroker()
  const ofLog = brokers === undefined ? {} : { brokers }
  say(`seed ${seed}, ${brokers === undefined ? 'the log is PostgreSQL' : `the log is a Kafka of ${brokers}`}`)
  const report = await chaos({
    purchases,
    seed,
    kills: chosen.includes('kills') ? whole('kills', values.kills ?? String(Math.ceil(purchases / 70))) : 0,
    failpoints: chosen.includes('failpoints') ? failpointsOf({ broker, ...ofLog }) : [],
    kinds: can,
    rounds: Math.ceil(purchases / 1_000),
    broker,
    ...ofLog,
    ...(broker && { patience: BROKER_PATIENCE }),
    times: 2,
    together: wayOf(values.together),
    log: say,
    ...(values.history !== undefined && { historyFile: values.history }),
  })
  print(values.json ? JSON.stringify(report, undefined, 2) : table(report))
  if (!values.json) for (const violation of report.violations.slice(0, 50)) print(`✗ ${violation}`)
  if (!values.json) print(report.violations.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed')
  return report.violations.length === 0
}

/**
 * A sound shop under what the laws allow must be in order, and every defect must be caught; what needs a server that this
 * machine cannot start is left out, in CI a failure.
 */
const catchAll = async (): Promise<boolean> => {
  const isAsked = (name: string): boolean => name.includes(values.only ?? '')
  const proofs = [
    ...Object.keys(LEGAL).map((name) => [`sound, with everything ${name}`, () => soundUnder(name)] as const),
    ...Object.keys(defects).map((name) => [name, () => prove(name)] as const),
  ].filter(([name]) => isAsked(name))
  const failed: string[] = []
  const left: string[] = []
  for (const [name, proof] of proofs) {
    try {
      print(`✓ ${name}: ${await proof()}`)
    } catch (error) {
      const cannot = error instanceof NotHere && process.env['CI'] !== 'true'
      print(`${cannot ? '-' : '✗'} ${name}: ${String(error)}`)
      const unproven = cannot ? left : failed
      unproven.push(name)
    }
  }
  const passed = proofs.length - failed.length - left.length
  print(`${passed} passed, ${failed.length} failed`)
  return failed.length === 0 && passed > 0
}

const soundUnder = async (name: string): Promise<string> => {
  const { violations } = await chaosWith([name], {})
  if (violations.length > 0) throw new Error(violations.slice(0, 5).join('; '))
  return 'no violation'
}

const isSound = await (values.defects ? catchAll() : torment())
// What a fault has left open, such as a socket to a server that was frozen, does not keep this process.
process.exit(isSound ? 0 : 1)
