import { hasAdmin } from '@services/account/administer'
import type { Invocation } from './command-line/command.ts'
import { explain } from './command-line/explain.ts'
import { openTables } from './open-tables.ts'

/** Says how a shop gets its first admin, when it has none. */
export const tellOfFirstAdmin = async ({ env, terminal }: Pick<Invocation, 'env' | 'terminal'>): Promise<void> => {
  const tell = (line: string): void => terminal.say(`  ${terminal.paint('yellow', '!')} ${line}`)
  try {
    await using tables = await openTables(env)
    if (await hasAdmin(tables.of('account'))) return
    tell('nobody is an admin of this shop yet. Fix: npm run argosy -- admin create you@shop.example')
  } catch (error) {
    // The shop runs all the same.
    tell(`whether the shop has an admin is not known: ${explain(error).line}`)
  }
}
