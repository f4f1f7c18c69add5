import { once } from 'node:events'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

type RunOptions = Omit<NonNullable<Parameters<typeof run>[0]>, 'signal'>

export type Totals = { readonly passed: number; readonly failed: number }

/** Runs test files, tells how they go on standard output, and gives the totals. Ctrl-C ends it early. */
export const runTests = async (options: RunOptions): Promise<Totals> => {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const events = run({ ...options, signal: stop.signal })
  let totals: Totals = { passed: 0, failed: 0 }
  events.on('test:summary', ({ file, counts }) => {
    if (file !== undefined) return
    totals = { passed: counts.passed, failed: counts.tests - counts.passed - counts.skipped - counts.todo }
  })
  events.compose(spec()).pipe(process.stdout)
  await once(events, 'close')
  return totals
}
