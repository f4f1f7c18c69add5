import type { Floor } from './floor.ts'
import type { GrowthResult } from './growth.ts'
import type { HotResult } from './hot.ts'
import type { Percentiles } from './percentiles.ts'
import type { JobsResult } from './jobs.ts'
import type { Stretch } from './normal-load.ts'
import type { OverloadResult } from './overload.ts'
import type { PurchasesResult, Verdict } from './purchases.ts'
import type { ReadsResult } from './reads.ts'
import type { RetentionResult } from './retention.ts'
import type { TimersResult } from './timers.ts'
import { inPlace, type Grown } from './written.ts'

/** The result as lines for people. */
export const describePurchases = (result: PurchasesResult): readonly string[] => {
  const { per_purchase, cores, half, lone, floor } = result
  return [
    '',
    row('accepted', `${whole(result.accepted_per_second)} /s`),
    row('completed', `${whole(result.completed_per_second)} /s`),
    row(
      'backlog at the end',
      `${result.backlog} purchases, drained after ${result.drained_after_seconds.toFixed(1)} s`,
    ),
    row('acceptance', latency(result.acceptance)),
    row('request to completed', latency(result.request_to_completed)),
    row(
      'per purchase',
      `${per_purchase.statements.toFixed(2)} SQL statements, ${per_purchase.transactions.toFixed(2)} transactions, ${result.written.row_writes.toFixed(1)} rows written`,
    ),
    row('stored per purchase', `${bytes(result.grown)} with dead rows`),
    row('', `${bytes(result.grown_compact)} without`),
    row('updated in place', shares(inPlace(result.written))),
    row('connections', `${result.connections} of the shop's process`),
    row(
      'processor',
      perProcess(per_purchase.cpu, (us) => `${whole(us)} us`),
    ),
    row('cores in use', shares(cores)),
    ...(half === undefined
      ? []
      : [
          row('at half the rate', `${whole(half.completed_per_second)} /s completed`),
          row('  to completed', latency(half.request_to_completed)),
        ]),
    ...(lone === undefined
      ? []
      : [row('lone, to completed', latency(lone.completed)), row('  buyer is told', latency(lone.told))]),
    row('floor, same rows', floorOf(floor)),
    ...floor.left_out.map((table) => row('  without', table)),
    row('  run : floor', share(floor.ratio)),
    row('floor, fewest rows', floorOf(result.least_floor)),
    row('  run : floor', share(result.least_floor.ratio)),
    row('idle memory', `fleet ${result.idle_memory_mb.fleet} MB, postgres ${result.idle_memory_mb.postgres} MB`),
    row('ready after', `${whole(result.ready_after_ms)} ms, again ${whole(result.warm_start_ms)} ms`),
    row('answers', list(result.statuses)),
    ...verdict(result),
  ]
}

export const describeHot = (result: HotResult): readonly string[] => [
  '',
  row('spread', `${whole(result.spread_per_second)} /s completed`),
  row('hot', `${whole(result.hot_per_second)} /s completed`),
  row('hot : spread', result.ratio.toFixed(2)),
  ...verdict(result),
]

export const describeRetention = ({ looks, violations }: RetentionResult): readonly string[] => [
  '',
  ...looks.map(({ rows, young, emptied }) =>
    row(`${whole(rows)} rows`, `${young.toFixed(1)} ms while they are young, ${emptied.toFixed(1)} ms to drop them`),
  ),
  ...violations,
]

export const describeGrowth = (result: GrowthResult): readonly string[] => [
  '',
  ...result.windows.map(({ stored, accepted_per_second }) =>
    row(`${stored.toLocaleString('en')} stored`, `${whole(accepted_per_second)} /s accepted`),
  ),
  ...(result.storing_seconds === undefined ? [] : [row('stored by SQL', `in ${whole(result.storing_seconds)} s`)]),
  row('last : first', result.ratio.toFixed(2)),
  row('backlog at the end', `${result.backlog} purchases`),
  ...verdict(result),
]

export const describeTimers = (result: TimersResult): readonly string[] => [
  '',
  row(
    'timers drained',
    `${whole(result.drained_per_second)} /s, all after ${result.drained_after_seconds.toFixed(1)} s`,
  ),
  row('  their mail written', `after ${result.mailed_after_seconds.toFixed(1)} s`),
  row('lone purchase, idle', latency(result.idle.completed)),
  row('  meanwhile', `${latency(result.meanwhile.completed)} (${result.meanwhile.completed.n} purchases)`),
  row('  until mailed', latency(result.until_mailed.completed)),
  row('p99 meanwhile : idle', result.p99_ratio.toFixed(2)),
  row('late, at rest', latency(result.at_rest)),
  ...verdict(result),
]

export const describeReads = (result: ReadsResult): readonly string[] => [
  '',
  row(result.read === 'list' ? 'GET products, 20' : 'GET product', `${whole(result.requests_per_second)} /s`),
  row('latency', latency(result.latency)),
  row('cores in use', shares(result.cores)),
  row('answers', list(result.statuses)),
  '',
]

export const describeJobs = ({ queues, violations }: JobsResult): readonly string[] => [
  '',
  ...Object.entries(queues).flatMap(([name, { jobs_per_second, latency: taken }]) => [
    row(name, `${whole(jobs_per_second)} jobs/s`),
    row('latency', latency(taken)),
  ]),
  row('lost, repeated', violations.length === 0 ? 'none' : violations.join('; ')),
  '',
]

export const describeOverload = (result: OverloadResult): readonly string[] => [
  '',
  row('completed at most', `${whole(result.most_per_second)} /s`),
  row('offered', `${whole(result.offered_per_second)} /s, ${whole(result.offered)} purchases`),
  row('  accepted', whole(result.accepted)),
  row('  shed by 503', whole(result.shed)),
  row('  other answers', list(result.others) || 'none'),
  row('completed meanwhile', `${whole(result.completed_per_second)} /s, ${share(result.ratio)} of the most`),
  row('accepted, answer', latency(result.acceptance)),
  row('  to completed', latency(result.request_to_completed)),
  row('refused, answer', latency(result.refusal)),
  row('peak memory', `${result.peak_memory_mb} MB resident, of the shop's process`),
  ...stretch('normal load before', result.normal_before),
  ...stretch('  5 to 10 s after', result.normal_after),
  row('the last has ended', `${result.last_ended_after_seconds.toFixed(1)} s after the overload`),
  row('acknowledged', `${whole(result.acknowledged)}, ${whole(result.ended)} of them have ended`),
  row('not completed', list(result.reasons) || 'none of those that were accepted'),
  row('cores in use', shares(result.cores)),
  row('load', `a request was sent ${ms(result.load_late_ms)} ms late at most`),
  ...verdict(result),
]

const stretch = (name: string, { per_second, statuses, acceptance, request_to_completed }: Stretch): string[] => [
  row(name, `${whole(per_second)} /s, answers ${list(statuses)}`),
  row('    answer', latency(acceptance)),
  row('    to completed', latency(request_to_completed)),
]

const verdict = ({ outcomes, violations }: Verdict): readonly string[] => [
  row('outcomes', list(outcomes)),
  row('laws', violations.length === 0 ? 'hold' : `${violations.length} BROKEN`),
  ...violations.slice(0, 20).map((violation) => `    ${violation}`),
  '',
]

const row = (name: string, text: string): string => `  ${name.padEnd(22)}${text}`
const whole = (number: number): string => Math.round(number).toLocaleString('en')
const ms = (number: number): string => number.toFixed(number < 10 ? 1 : 0)

const latency = ({ p50, p95, p99, max }: Percentiles): string =>
  `p50 ${ms(p50)} ms, p95 ${ms(p95)} ms, p99 ${ms(p99)} ms, max ${ms(max)} ms`

const perProcess = (figures: Readonly<Record<string, number>>, show: (figure: number) => string): string =>
  Object.entries(figures)
    .map(([name, figure]) => `${name} ${show(figure)}`)
    .join(', ')

/** What is in the log stays for a time only. */
const bytes = ({ bytes: all, by_table }: Grown): string => {
  const logged = Object.entries(by_table).flatMap(([table, size]) => (table.startsWith('log.') ? [size] : []))
  return `${whole(all)} bytes, ${whole(logged.reduce((sum, size) => sum + size, 0))} of them in the log,`
}

const floorOf = ({ purchases_per_second, batch, rounds, writes_per_purchase, left_out }: Floor): string => {
  const writes = writes_per_purchase.filter(({ table }) => !left_out.includes(table))
  const rows = writes.reduce((sum, { inserts, updates, deletes }) => sum + inserts + updates + deletes, 0)
  return `${whole(purchases_per_second)} /s by bare SQL, ${batch} purchases in a statement, ${rounds} commits each, ${rows.toFixed(1)} rows written`
}

const share = (ratio: number): string => `${(ratio * 100).toFixed(0)} %`
const shares = (cores: Readonly<Record<string, number>>): string => perProcess(cores, (share) => share.toFixed(2))

const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name}: ${count.toLocaleString('en')}`)
    .join(', ')
