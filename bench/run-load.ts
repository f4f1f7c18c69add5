import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LoadPlan, LoadSummary, Moment } from './load.ts'

/** One request as the load generator saw it. `status` 0: no answer. */
export type Sent = {
  /** Of the purchase that was accepted. */
  readonly id: string | undefined
  readonly status: number
  /** Ms since the epoch. */
  readonly sent: number
  /** Ms until the answer. */
  readonly took: number
}

export type LoadRun<Look> = {
  readonly summary: LoadSummary
  readonly before: Look
  readonly after: Look
  readonly requests: readonly Sent[]
}

/**
 * Runs the load generator as a process of its own; looks at the shop when the warm-up is over and at the end. `look` is
 * given the processor seconds that the load generator has used.
 */
export const runLoad = async <Look>(plan: LoadPlan, look: (load: number) => Promise<Look>): Promise<LoadRun<Look>> => {
  const program = fileURLToPath(new URL('./load.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(plan))
  const looks: Look[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as LoadSummary | Moment
    if (!('event' in message)) {
      const [before, after] = looks
      if (before === undefined || after === undefined) throw new Error('the load generator kept no time')
      return { summary: message, before, after, requests: readRequests(plan.file) }
    }
    looks.push(await look(message.cpu))
  }
  throw new Error(`the load generator ended early (${child.exitCode})`)
}

/** Those that were sent in the measured window. */
export const inWindow = ({ summary, requests }: LoadRun<unknown>): readonly Sent[] =>
  requests.filter(({ sent }) => sent >= summary.from && sent < summary.to)

export const readRequests = (file: string): readonly Sent[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id, status, sent, took] = line.split(' ')
      return { id: id === '-' ? undefined : id, status: Number(status), sent: Number(sent), took: Number(took) }
    })
