import { Refresh } from '@argosy/contracts/http/account'
import { route } from '@kit/http/route'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { Logger } from '@kit/telemetry/telemetry'
import { selectAccount } from '../account.ts'
import type { AccountRow } from '../account.ts'
import { judge } from '../domain/refresh-token.ts'
import type { Session, Sessions } from '../session/sessions.ts'
import { hashOf, successorOf } from '../session/tokens.ts'

type TokenRow = {
  readonly session_id: string
  readonly account_id: string
  readonly seed: Buffer
  readonly expires_at: Date
  readonly rotated_at: Date | null
  readonly ended_at: Date | null
}

const lockRefreshToken = sql<TokenRow>(import.meta.url, 'lock-refresh-token.sql')
const rotateRefreshToken = sql(import.meta.url, 'rotate-refresh-token.sql')
const endReusedSession = sql(import.meta.url, 'end-reused-session.sql')

type Refreshed = { readonly account: AccountRow; readonly session: Session }

/** A refresh token is traded for the next pair of tokens; one that comes again too late ends its session. */
export const refreshSession = (sessions: Sessions, log: Logger) =>
  route(Refresh, async ({ body, cause }, { transact, platform }) => {
    const outcome = await transact({ cause }, async (tx) => ({
      answer: await refresh(tx, body.refresh_token, platform.clock.now(), sessions, log),
    }))
    return isRefusal(outcome) ? outcome : sessions.answer(outcome.account, outcome.session)
  })

const refresh = async (
  tx: Tx,
  token: string,
  now: Date,
  sessions: Sessions,
  log: Logger,
): Promise<Refreshed | Refusal> => {
  const [row] = await tx.query(lockRefreshToken, [hashOf(token)])
  const verdict = judge(row && known(row), now.getTime())
  if (row === undefined) return refused
  switch (verdict) {
    case 'rotate': {
      const refresh_token = successorOf(token, row.seed)
      void tx.query(rotateRefreshToken, [hashOf(token), hashOf(refresh_token), now, sessions.expiry(now)])
      return withAccount(tx, row, refresh_token)
    }
    case 'repeat':
      return withAccount(tx, row, await newest(tx, token, row))
    case 'reuse':
      await tx.query(endReusedSession, [row.session_id, now])
      log.warn(
        { session_id: row.session_id, account_id: row.account_id },
        'a spent refresh token came back; session ended',
      )
      return refused
    case 'ended':
    case 'expired':
    case 'unknown':
      return refused
  }
}

/** Whoever is late by some rotations must not be given a token that is spent as well: it would look like reuse next time. */
const newest = async (tx: Tx, token: string, { seed, rotated_at }: TokenRow): Promise<string> => {
  if (rotated_at === null) return token
  const successor = successorOf(token, seed)
  const [row] = await tx.query(lockRefreshToken, [hashOf(successor)])
  return row === undefined ? successor : newest(tx, successor, row)
}

const withAccount = async (tx: Tx, row: TokenRow, refresh_token: string): Promise<Refreshed> => {
  const [account] = await tx.query(selectAccount, [row.account_id])
  if (account === undefined) throw new Error(`session ${row.session_id} has no account`)
  return { account, session: { session_id: row.session_id, refresh_token } }
}

const known = (row: TokenRow) => ({
  expiresAt: row.expires_at.getTime(),
  rotatedAt: row.rotated_at?.getTime(),
  sessionEnded: row.ended_at !== null,
})

const refused = refuse('refresh-token-refused', { detail: 'Sign in again.' })
