import { spawn } from 'node:child_process'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { FloodPlan, FloodSummary } from './flood.ts'
import { readRequests, type Sent } from './run-load.ts'

export type Flood = { readonly summary: FloodSummary; readonly requests: readonly Sent[] }

/** Offers purchases from a process of its own; resolves when all have an answer or none is expected any more. */
export const runFlood = async (plan: FloodPlan): Promise<Flood> => {
  const program = fileURLToPath(new URL('./flood.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(plan))
  const summary = (await json(child.stdout)) as FloodSummary
  return { summary, requests: readRequests(plan.file) }
}
