import { rebuildOrders } from '@services/order/rebuild'
import type { Command } from '../command-line/command.ts'
import { exitCode } from '../command-line/exit-code.ts'
import { openTables } from '../open-tables.ts'
import { duration } from '../terminal/terminal.ts'
import { wrongForm } from '../command-line/wrong-form.ts'

/** An index over many rows is not made in seconds: ms. */
const PATIENCE = 3_600_000

/** Makes a projection anew from the events that it shows, while the shop runs or rests. */
export const rebuild: Command = {
  usage: ['orders'],
  help: [['orders', 'the rows that GET /api/v1/orders reads, from the order events']],
  run: async ({ env, positionals, json, terminal }) => {
    const [projection, more] = positionals
    if (projection !== 'orders' || more !== undefined) throw wrongForm('rebuild', rebuild)
    await using tables = await openTables(env, { patience: PATIENCE })
    const began = performance.now()
    let told = 0
    const orders = await rebuildOrders(tables.of('order'), {
      progress: ({ done, of }) => {
        if (done < of && performance.now() - told < 1000) return
        told = performance.now()
        terminal.say(`  ${done} of ${of}`)
      },
      warn: (what) => terminal.say(`  ${terminal.paint('yellow', '!')} ${what}`),
    })
    const ms = performance.now() - began
    if (json) terminal.printJson({ projection, rows: orders, ms: Math.round(ms) })
    else terminal.say(`${orders} orders in ${duration(ms)}`)
    return exitCode.ok
  },
}
