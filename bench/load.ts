// The load generator: a process of its own, so that its cost is seen apart. Reads its plan from standard input, writes one
// line per request to the plan's file (`id status sent took`, times in ms since the epoch), and to standard output that the
// warm-up is over, that the time is over, and its summary.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { json } from 'node:stream/consumers'
import { Pool, type Dispatcher } from 'undici'

export type LoadPlan = {
  readonly origin: string
  /** Access tokens of the customers, taken in turn. */
  readonly tokens: readonly string[]
  /** Request bodies, taken in turn. */
  readonly bodies: readonly string[]
  /** Paths to read, taken in turn, instead of purchases to make. */
  readonly reads?: readonly string[]
  readonly connections: number
  /** Requests per second, sent whether or not earlier ones were answered; as fast as answers come when absent. */
  readonly rate?: number
  readonly warmup: number
  readonly seconds: number
  readonly file: string
}

export type LoadSummary = {
  /** The measured window, without the warm-up: ms since the epoch. */
  readonly from: number
  readonly to: number
  readonly sent: number
  readonly statuses: Readonly<Record<string, number>>
}

/** The warm-up or the whole time is over. */
export type Moment = {
  readonly event: 'warm' | 'over'
  /** Processor seconds that the load generator has used so far. */
  readonly cpu: number
}

const plan = (await json(process.stdin)) as LoadPlan
const pool = new Pool(plan.origin, { connections: plan.connections, pipelining: 1 })
const records = createWriteStream(plan.file)
const statuses: Record<string, number> = {}
const now = (): number => performance.timeOrigin + performance.now()
let sent = 0

/** Sends one request and records what came back; a broken connection is status 0. */
const send = (due: number): Promise<void> =>
  new Promise((resolve) => {
    let status = 0
    let body = ''
    const end = (): void => {
      statuses[status] = (statuses[status] ?? 0) + 1
      const id = status < 300 ? /"purchase_id":"([^"]+)"/.exec(body)?.[1] : undefined
      records.write(`${id ?? '-'} ${status} ${due.toFixed(2)} ${(now() - due).toFixed(2)}\n`)
      resolve()
    }
    const turn = sent++
    pool.dispatch(
      plan.reads === undefined ? purchase(turn) : { method: 'GET', path: plan.reads[turn % plan.reads.length] ?? '/' },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, statusCode) => (status = statusCode),
        onResponseData: (_controller, chunk) => (body += chunk.toString('latin1')),
        onResponseEnd: end,
        onResponseError: () => {
          status = 0
          end()
        },
      },
    )
  })

function purchase(turn: number): Dispatcher.DispatchOptions {
  return {
    method: 'POST',
    path: '/api/v1/purchases',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${plan.tokens[turn % plan.tokens.length]}`,
    },
    body: plan.bodies[turn % plan.bodies.length] ?? '',
  }
}

const start = now()
const stop = start + (plan.warmup + plan.seconds) * 1000
setTimeout(() => say(moment('warm')), plan.warmup * 1000)
setTimeout(() => say(moment('over')), stop - start)
if (plan.rate === undefined) {
  await Promise.all(
    Array.from({ length: plan.connections }, async () => {
      while (now() < stop) await send(now())
    }),
  )
} else {
  await sendAtRate(plan.rate)
}
records.end()
await once(records, 'close')
await pool.close()
const summary: LoadSummary = { from: start + plan.warmup * 1000, to: stop, sent, statuses }
say(summary)

function moment(event: Moment['event']): Moment {
  const { user, system } = process.cpuUsage()
  return { event, cpu: (user + system) / 1e6 }
}

function say(message: Moment | LoadSummary): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** Latency counts from when the request was due, so a stall is not hidden by sending less. */
async function sendAtRate(rate: number): Promise<void> {
  const open = new Set<Promise<void>>()
  for (let due = start; due < stop; due += 1000 / rate) {
    while (now() < due) await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(5, due - now()))))
    const request: Promise<void> = send(due).finally(() => open.delete(request))
    open.add(request)
  }
  await Promise.all(open)
}
