import { laterIn, OtherHistory, refuseOther } from '@kit/migrations/history'
import { readHistories } from '@kit/migrations/migrate'
import type { Schema } from '@kit/migrations/schema'
import type { Session } from '@kit/postgres/session'
import type { Finding } from './check.ts'

const name = 'tables'

/** Whether the tables are those of this release, or can become so. */
export const tables = async ({ query }: Session, schemas: readonly Schema[]): Promise<readonly Finding[]> => {
  const histories = await readHistories(query, schemas)
  try {
    refuseOther(histories)
  } catch (error) {
    if (!(error instanceof OtherHistory)) throw error
    return [{ name, verdict: 'broken', found: error.message, fix: error.fix }]
  }
  const later = laterIn(histories)
  if (later !== undefined) {
    const found = `a later release has upgraded them (${later})`
    return [{ name, verdict: 'warning', found, fix: 'go on with that release; the one just before it works as well' }]
  }
  const all = [...histories.values()]
  const pending = all.reduce((sum, history) => sum + history.pending.length, 0)
  if (pending === 0) return [{ name, verdict: 'ok', found: 'those of this release' }]
  return [{ name, verdict: 'ok', found: `the next start applies ${pending} migrations` }]
}
