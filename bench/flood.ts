// The load generator for overload: a process of its own that offers purchases at a rate whether or not the shop keeps up. It
// writes requests made beforehand to bare sockets, for what it uses of the processor the shop does not have. Reads its plan
// from standard input, writes one line per request to the plan's file as load.ts does, and to standard output a line when the
// last has been sent, and its summary.
import { createWriteStream } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { json } from 'node:stream/consumers'
import { once } from 'node:events'

export type FloodPlan = {
  readonly origin: string
  readonly tokens: readonly string[]
  readonly bodies: readonly string[]
  /** Every request has an Idempotency-Key of its own. */
  readonly keyed: boolean
  readonly connections: number
  /** Requests per second. */
  readonly rate: number
  readonly seconds: number
  readonly file: string
}

export type FloodSummary = {
  /** Ms since the epoch. */
  readonly from: number
  readonly to: number
  readonly offered: number
  /** Requests that had no answer a minute after the last was sent, or whose connection broke. */
  readonly unanswered: number
  /** Processor seconds that this process has used while it offered. */
  readonly cpu: number
  /** How late the latest request was sent, in ms: the generator itself may be too slow. */
  readonly latest: number
}

/** Ms after the last request for which answers are waited for. */
const PATIENCE = 60_000

const plan = (await json(process.stdin)) as FloodPlan
const { hostname, port } = new URL(plan.origin)
const now = (): number => performance.timeOrigin + performance.now()
const records = createWriteStream(plan.file)
let unanswered = 0
let outstanding = 0
let latest = 0
let stop = Number.POSITIVE_INFINITY

const heads = plan.tokens.map(
  (token) =>
    `POST /api/v1/purchases HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`,
)
const tails = plan.bodies.map((body) => `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
const run = Math.random().toString(36).slice(2)

const requestOf = (turn: number): string => {
  const key = plan.keyed ? `idempotency-key: ${run}-${turn}\r\n` : ''
  return `${heads[turn % heads.length]}${key}${tails[turn % tails.length]}`
}

/** A connection with the requests on it that are not answered yet, oldest first, by when each was due. */
class Line {
  readonly waiting: number[] = []
  #socket: Socket
  #rest = ''

  constructor() {
    this.#socket = this.#dial()
  }

  send(due: number, text: string): void {
    this.waiting.push(due)
    outstanding++
    this.#socket.write(text, 'latin1')
  }

  async open(): Promise<void> {
    await once(this.#socket, 'connect')
  }

  end(): void {
    this.#socket.destroy()
  }

  #dial(): Socket {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#read(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      for (const due of this.waiting.splice(0)) answered(due, 0, undefined)
      this.#rest = ''
      if (now() < stop) this.#socket = this.#dial()
    })
    return socket
  }

  /** Answers have a length; what is not whole waits for the next chunk. */
  #read(chunk: string): void {
    let text = this.#rest + chunk
    for (let head = text.indexOf('\r\n\r\n'); head >= 0; head = text.indexOf('\r\n\r\n')) {
      const at = text.indexOf('content-length: ')
      const end = head + 4 + (at < 0 || at > head ? 0 : Number.parseInt(text.slice(at + 16, at + 24), 10))
      if (text.length < end) break
      const status = Number(text.slice(9, 12))
      const id = status === 201 ? /"purchase_id":"([^"]+)"/.exec(text.slice(head, end))?.[1] : undefined
      const due = this.waiting.shift()
      // What nobody has asked for is the server's farewell to a connection.
      if (due !== undefined) answered(due, status, id)
      text = text.slice(end)
      if (this.waiting.length === 0) free.push(this)
    }
    this.#rest = text
  }
}

const answered = (due: number, status: number, id: string | undefined): void => {
  outstanding--
  if (status === 0) unanswered++
  records.write(`${id ?? '-'} ${status} ${due.toFixed(2)} ${(now() - due).toFixed(2)}\n`)
}

/** Lines with nothing to wait for, in turn; when there are none, requests queue up on all. */
let free: Line[] = []
const lines: Line[] = []
/** Customers do not all come in one moment: what that costs is not measured here. */
while (lines.length < plan.connections) {
  const more = Array.from({ length: Math.min(50, plan.connections - lines.length) }, () => new Line())
  await Promise.all(more.map((line) => line.open()))
  lines.push(...more)
}
free = [...lines]

const start = now()
stop = start + plan.seconds * 1000
let turn = 0
for (let due = start; due < stop; due = start + (turn * 1000) / plan.rate) {
  while (now() < due) await new Promise((resolve) => setTimeout(resolve, 1))
  latest = Math.max(latest, now() - due)
  const line = free.shift() ?? lines[turn % lines.length]
  line?.send(due, requestOf(turn))
  // Answers must be read as well while requests are late.
  if (++turn % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
}
const { user, system } = process.cpuUsage()
process.stdout.write('over\n')
const late = performance.now() + PATIENCE
while (outstanding > 0 && performance.now() < late) await new Promise((resolve) => setTimeout(resolve, 20))
for (const line of lines) line.end()
while (outstanding > 0) await new Promise((resolve) => setTimeout(resolve, 5))
records.end()
await once(records, 'close')
const summary: FloodSummary = {
  from: start,
  to: stop,
  offered: turn,
  unanswered,
  cpu: (user + system) / 1e6,
  latest,
}
process.stdout.write(`${JSON.stringify(summary)}\n`)
