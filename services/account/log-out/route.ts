import { LogOut } from '@argosy/contracts/http/account'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'

const endSession = sql(import.meta.url, 'end-session.sql')

/** The session of the caller's token ends; asked again, it stays so. */
export const logOut = route(LogOut, async ({ caller }, { db, platform }) => {
  await db.query(endSession, [caller.session, caller.id, platform.clock.now()])
  return { session_id: caller.session }
})
