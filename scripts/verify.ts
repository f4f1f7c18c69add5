// Runs every check that needs no test: `npm run verify`. Two at a time; what a check printed is shown only if it failed.
import { spawn } from 'node:child_process'

const CHECKS = [
  'types',
  'lint',
  'format',
  'boundaries',
  'sins',
  'services',
  'dead-code',
  'sql',
  'migrations',
  'procedures',
  'lock',
]
const AT_ONCE = 2

const waiting = [...CHECKS]
const failed: string[] = []
await Promise.all(Array.from({ length: AT_ONCE }, work))
console.log(`${CHECKS.length - failed.length} passed, ${failed.length} failed`)
process.exitCode = failed.length === 0 ? 0 : 1

async function work(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const started = performance.now()
    const { code, output } = await run(check)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`${code === 0 ? '✓' : '✗'} ${check} (${seconds} s)`)
    if (code === 0) continue
    failed.push(check)
    console.log(`${output.trimEnd()}\n  again: npm run check:${check}`)
  }
}

function run(check: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('npm', ['run', '--silent', `check:${check}`], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}
