// `npm run bench -- purchases --seconds 30 [--json]`: measures the shop from outside and checks the laws afterwards.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { measurePurchases, type PurchasesResult } from './purchases.ts'
import { describePurchases } from './report.ts'

const HELP = `npm run bench -- purchases [options]

  --seconds N       how long to measure (30)
  --warmup N        seconds of load before that (5)
  --connections N   buyers at once (64)
  --rate N          purchases per second; as many as go through when absent
  --products N      (100)
  --hot             one line of every purchase is of the same product
  --json            the result as JSON on standard output (npm run --silent, or npm's own lines come first)

Exit code 1 when a law does not hold afterwards. The result is also written to bench/results/.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '30' },
    warmup: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    products: { type: 'string', default: '100' },
    rate: { type: 'string' },
    hot: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help || positionals.length !== 1 || positionals[0] !== 'purchases') {
  console.error(HELP)
  process.exit(values.help ? 0 : 2)
}

const result = await measurePurchases({
  seconds: numberOf('seconds', values.seconds),
  warmup: numberOf('warmup', values.warmup),
  connections: numberOf('connections', values.connections),
  products: numberOf('products', values.products),
  hot: values.hot,
  ...(values.rate !== undefined && { rate: numberOf('rate', values.rate) }),
  tell: (line) => console.error(`  ${line}`),
})
keep(result)
if (values.json) console.log(JSON.stringify(result))
else for (const line of describePurchases(result)) console.log(line)
process.exitCode = result.violations.length === 0 ? 0 : 1

function numberOf(name: string, text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  console.error(`--${name} ${text} is not a positive number`)
  return process.exit(2)
}

function keep(measured: PurchasesResult): void {
  const at = new Date().toISOString()
  const folder = new URL('./results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const machine = {
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  }
  const file = new URL(`purchases-${at.replaceAll(':', '')}.json`, folder)
  writeFileSync(file, `${JSON.stringify({ at, machine, ...measured }, undefined, 2)}\n`)
}
