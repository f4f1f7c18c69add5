import { rebuildOrders } from '@services/order/rebuild'
import type { Command, Invocation } from '../command-line/command.ts'
import { exitCode } from '../command-line/exit-code.ts'
import { services } from '../fleet.ts'
import { openTables } from '../open-tables.ts'
import type { Tables } from '../open-tables.ts'
import { rebuildFromFacts } from '../rebuild/from-facts.ts'
import type { Kept } from '../rebuild/from-facts.ts'
import { duration } from '../terminal/terminal.ts'
import { wrongForm } from '../command-line/wrong-form.ts'

const ORDERS = 'orders'

/** Projections of what other services own, by name. */
const kept: ReadonlyMap<string, Kept> = new Map(
  services.flatMap((keeper) =>
    (keeper.projections ?? []).map((projection) => [projection.name, { keeper, projection }] as const),
  ),
)

/** Makes a projection anew: from the events that it shows, or from the facts that other services own. */
export const rebuild: Command = {
  usage: [ORDERS, ...kept.keys()],
  help: [
    [ORDERS, 'the rows that GET /api/v1/orders reads, from the order events; whether the shop runs or rests'],
    ...Array.from(kept, ([name, { projection }]) => [name, `${projection.what}; the shop must run`] as const),
  ],
  run: async (invocation) => {
    const { env, positionals, json, terminal } = invocation
    const [name = '', more] = positionals
    const facts = kept.get(name)
    if ((name !== ORDERS && facts === undefined) || more !== undefined) throw wrongForm('rebuild', rebuild)
    await using tables = await openTables(env)
    const began = performance.now()
    const rows = facts === undefined ? await fromEvents(tables, invocation) : await fromFacts(tables, facts, invocation)
    const ms = performance.now() - began
    if (json) terminal.printJson({ projection: name, rows, ms: Math.round(ms) })
    else terminal.say(`${rows} ${name} in ${duration(ms)}`)
    return exitCode.ok
  },
}

const fromEvents = (tables: Tables, { terminal }: Invocation): Promise<number> => {
  const atTimes = seldom()
  return rebuildOrders(tables.of('order'), {
    progress: ({ done, of }) => atTimes(() => terminal.say(`  ${done} of ${of}`), done === of),
    warn: (what) => terminal.say(`  ${terminal.paint('yellow', '!')} ${what}`),
  })
}

const fromFacts = (tables: Tables, facts: Kept, { terminal, signal }: Invocation): Promise<number> => {
  const atTimes = seldom()
  const progress = (told: number): void => atTimes(() => terminal.say(`  ${told} told`))
  return rebuildFromFacts(facts, { tables, signal, progress })
}

/** Does a thing once a second at most, however often it is asked to; always when it is the last time. */
const seldom = (): ((thing: () => void, isLast?: boolean) => void) => {
  let last = 0
  return (thing, isLast = false) => {
    if (!isLast && performance.now() - last < 1000) return
    last = performance.now()
    thing()
  }
}
