import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { FloodPlan, FloodSummary } from './flood.ts'
import { readRequests, type Sent } from './run-load.ts'

export type Flood = { readonly summary: FloodSummary; readonly requests: readonly Sent[] }

/**
 * Offers purchases from a process of its own. `over` resolves when the last has been sent, `answered` when all have an answer or
 * none is expected any more; both reject when the process ends early.
 */
export const startFlood = (plan: FloodPlan): { readonly over: Promise<void>; readonly answered: Promise<Flood> } => {
  const program = fileURLToPath(new URL('./flood.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(plan))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<string> => {
    const { done, value } = await lines.next()
    if (done === true) throw new Error('the load generator ended early')
    return value
  }
  const over = line().then(() => undefined)
  const answered = over.then(async () => {
    const summary = JSON.parse(await line()) as FloodSummary
    return { summary, requests: readRequests(plan.file) }
  })
  return { over, answered }
}
