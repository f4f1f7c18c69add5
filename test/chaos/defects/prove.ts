import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { chaos, type Report } from '../run.ts'
import type { Defect } from './defect.ts'
import { defects } from './defects.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** What makes a process run with the defect. */
const planted = (...names: readonly string[]): string => {
  const plant = new URL('./plant.ts', import.meta.url)
  plant.searchParams.set('defect', names.join('+'))
  // Apart from what is compiled of the sound sources.
  return `--import=${plant.href}`
}

type ByChaos = Extract<Defect['caughtBy'], { violation: RegExp }>
type ByTest = Extract<Defect['caughtBy'], { test: string }>

/** Ms in which a sound shop is long at rest, the last unpaid order ended and told of. */
const PATIENCE = 12_000

const FIRST_SEED = 20_262

/** Runs, each with a seed of its own: how the messages meet is not up to the seed alone. */
const RUNS = 3

/** One short run of a shop with these defects. */
export const chaosWith = (
  names: readonly string[],
  { kills = 0, failpoints = [], purchases = 60, kinds = [], brokers }: Omit<ByChaos, 'violation' | 'under'>,
  seed = FIRST_SEED,
): Promise<Report> =>
  chaos({
    purchases,
    seed,
    kills,
    failpoints,
    kinds,
    ...(brokers !== undefined && { brokers }),
    times: 1,
    // So that a defect meets messages on both ways.
    together: 'sometimes',
    fsync: false,
    patience: PATIENCE,
    log: () => undefined,
    env: { NODE_OPTIONS: planted(...names) },
  })

/** How the defect was caught, in a sentence. Throws when it was not. */
export const prove = async (name: string): Promise<string> => {
  const caughtBy = defects[name]?.caughtBy
  if (caughtBy === undefined) throw new Error(`there is no defect ${name}`)
  return 'test' in caughtBy ? byTest(name, caughtBy) : byChaos(name, caughtBy)
}

const byChaos = async (name: string, caughtBy: ByChaos): Promise<string> => {
  const names = caughtBy.under === undefined ? [name] : [name, caughtBy.under]
  const missed: string[] = []
  for (let run = 0; run < RUNS; run++) {
    const { violations } = await chaosWith(names, caughtBy, FIRST_SEED + run)
    const first = violations.find((violation) => caughtBy.violation.test(violation))
    if (first !== undefined)
      return `caught by the chaos run${run > 0 ? ` at the ${run + 1}. try` : ''} (${violations.length} violations): ${first}`
    missed.push(violations.slice(0, 5).join('; ') || 'no violation')
  }
  throw new Error(`not caught: ${name}; ${RUNS} runs report ${missed.join(' | ')}`)
}

/** The test passes when it is run without the defect, as `npm test` does; here it must fail. */
const byTest = async (name: string, { test, named }: ByTest): Promise<string> => {
  const pattern = `^${named.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`
  const args = [planted(name), `--test-name-pattern=${pattern}`, test]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], timeout: 30_000 })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await once(child, 'close')
  if (child.exitCode === 0) throw new Error(`not caught: ${name}; ${test} passes`)
  if (!/code: 'ERR_ASSERTION'|AssertionError/.test(output))
    throw new Error(`${test} did not fail as expected:\n${output}`)
  return `caught by ${test}, "${named}"`
}
