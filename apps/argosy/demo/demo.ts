import type { Invocation } from '../command-line/command.ts'
import { grantRole } from '@services/account/administer'
import { isRefusal } from '@kit/problem/refusal'
import { explain } from '../command-line/explain.ts'
import { Stop } from '../command-line/exit-code.ts'
import { openTables } from '../open-tables.ts'
import type { Progress } from '../progress.ts'
import type { Settings } from '../settings.ts'
import { buyFirst } from './first-purchase.ts'
import { leaveUnpaid } from './leave-unpaid.ts'
import { isEmpty, openShop } from './open-shop.ts'
import { ShopClient } from './shop-client.ts'

/** The demo accounts are there; `purchase` is the one made just now, `unpaid` an order that nobody will pay. */
export type Demo = { readonly purchase?: string; readonly unpaid?: string }

type Stage = {
  /** The shop's address. */
  readonly base: string
  readonly settings: Settings
  readonly progress: Progress
  readonly invocation: Pick<Invocation, 'terminal' | 'signal' | 'env'>
}

/** Fills the shop if nothing is on sale, and follows one purchase through it. A demo that fails does not stop the shop. */
export const showDemo = async (stage: Stage): Promise<Demo | undefined> => {
  const { terminal, signal } = stage.invocation
  try {
    const shop = new ShopClient(stage.base, signal)
    const demo = (await isEmpty(shop)) ? await fill(shop, stage) : {}
    return stage.settings.ARGOSY_PROFILE === 'demo' ? { ...demo, unpaid: await neverPay(shop, stage) } : demo
  } catch (error) {
    if (!signal.aborted)
      terminal.say(`  ${terminal.paint('yellow', '!')} the demo did not work out: ${explain(error).line}`)
    return undefined
  }
}

const fill = async (shop: ShopClient, { progress, invocation: { terminal, env } }: Stage): Promise<Demo> => {
  const filled = progress('demo')
  await using tables = await openTables(env)
  const demo = await openShop(shop, async (email, role) => {
    const outcome = await grantRole(tables.of('account'), { email, role })
    if (isRefusal(outcome)) throw new Stop(outcome.detail ?? outcome.refused)
  })
  filled(`${demo.categories} categories, ${demo.products.length} products, 3 accounts`)
  const bought = progress('first purchase')
  const purchase = await buyFirst(demo, (line) => terminal.say(`    ${terminal.paint('dim', line)}`))
  bought(`${purchase.status} after ${purchase.lines} steps: ${purchase.id}`)
  return { purchase: purchase.id }
}

const neverPay = async (shop: ShopClient, { progress }: Stage): Promise<string> => {
  const bought = progress('unpaid order')
  const id = await leaveUnpaid(shop)
  bought(`${id}: reminders and its end come to the mailbox`)
  return id
}
