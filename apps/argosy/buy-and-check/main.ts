import { ShopClient } from '../demo/shop-client.ts'
import { explain } from '../command-line/explain.ts'
import { check } from './check.ts'
import { fire } from './fire.ts'
import { prepare } from './prepare.ts'
import { waitForEnds } from './wait-for-ends.ts'

/**
 * `./1kpurchases.sh`: fires purchases at a running shop, waits until all have ended, and checks stock, orders and payments
 * over the same API. Exit code 1 when something does not add up.
 */
const main = async (base: string, count: number, concurrency: number): Promise<boolean> => {
  const signal = AbortSignal.timeout(15 * 60_000)
  const shop = new ShopClient(base, signal)
  say(`a seller and a customer register at ${base}, products are listed`)
  const stage = await prepare(shop, count)

  say(`${count} purchases, ${concurrency} at a time`)
  const began = performance.now()
  const bought = await fire(stage, count, concurrency)
  const accepted = performance.now() - began
  const purchases = await waitForEnds(stage.customer, bought)
  const ended = performance.now() - began

  const complaints = await check(stage, bought, purchases)
  const completed = purchases.filter(({ status }) => status === 'completed').length
  print(`accepted   ${count} purchases in ${seconds(accepted)}`)
  print(`ended      ${purchases.length} in ${seconds(ended)}: ${completed} completed, ${rate(purchases.length, ended)}`)
  for (const complaint of complaints) print(`✗ ${complaint}`)
  if (complaints.length === 0) print('checked    stock, orders and payments agree')
  return complaints.length === 0
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
const rate = (n: number, ms: number): string => `${Math.round(n / (ms / 1000))} per second`
const say = (line: string): void => void process.stderr.write(`${line}\n`)
const print = (line: string): void => void process.stdout.write(`${line}\n`)

try {
  const [base = 'http://127.0.0.1:8080'] = process.argv.slice(2)
  const agree = await main(base, Number(process.env['PURCHASES'] ?? 1000), Number(process.env['CONCURRENCY'] ?? 64))
  process.exitCode = agree ? 0 : 1
} catch (error) {
  say(`✗ ${explain(error).line}`)
  process.exitCode = 1
}
