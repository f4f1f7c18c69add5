import { ACCESS_TOKEN } from '@argosy/contracts/http/account'
import type { LogIn } from '@argosy/contracts/http/account'
import type { AnswerOf } from '@kit/http/endpoint'
import type { Reply } from '@kit/http/route'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { SignJWT } from 'jose'
import { shown } from '../account.ts'
import type { AccountRow } from '../account.ts'
import { ALGORITHM } from '../keys.ts'
import type { SigningKeys } from '../keys.ts'
import { hashOf, newRefreshToken, newSeed } from './tokens.ts'

const insertSession = sql(import.meta.url, 'insert-session.sql')
const deleteExpiredSessions = sql(import.meta.url, 'delete-expired-sessions.sql')

export type Session = { readonly session_id: string; readonly refresh_token: string }

/** How an account gets from a proof of who it is to its tokens. */
export type Sessions = {
  /** Opens a session in the caller's transaction. */
  readonly open: (tx: Tx, account_id: string) => Session
  /** When a refresh token that is issued now expires. */
  readonly expiry: (now: Date) => Date
  /** What a signed-in account is told, with an access token made now. No cache may keep it. */
  readonly answer: (account: AccountRow, session: Session) => Promise<Reply<AnswerOf<typeof LogIn>>>
}

type Lifetimes = { readonly ACCESS_TOKEN_LIFETIME: number; readonly REFRESH_TOKEN_LIFETIME: number }

export const openSessions = (keys: SigningKeys, lifetimes: Lifetimes, platform: Platform): Sessions => {
  const expiry = (now: Date): Date => new Date(now.getTime() + lifetimes.REFRESH_TOKEN_LIFETIME)

  const accessToken = ({ id, roles }: AccountRow, session_id: string): Promise<string> => {
    const now = Math.floor(platform.clock.now().getTime() / 1000)
    return new SignJWT({ sid: session_id, roles })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid: keys.kid })
      .setIssuer(ACCESS_TOKEN.issuer)
      .setAudience(ACCESS_TOKEN.audience)
      .setSubject(id)
      .setJti(platform.newId())
      .setIssuedAt(now)
      .setExpirationTime(now + lifetimes.ACCESS_TOKEN_LIFETIME / 1000)
      .sign(keys.private)
  }

  return {
    expiry,
    open: (tx, account_id) => {
      const now = platform.clock.now()
      const session = { session_id: platform.newId(), refresh_token: newRefreshToken() }
      const { session_id, refresh_token } = session
      void tx.query(deleteExpiredSessions, [account_id, now])
      void tx.query(insertSession, [session_id, account_id, newSeed(), hashOf(refresh_token), now, expiry(now)])
      return session
    },
    answer: async (account, { session_id, refresh_token }) => ({
      answer: {
        access_token: await accessToken(account, session_id),
        refresh_token,
        session_id,
        account: shown(account),
      },
      headers: { 'cache-control': 'no-store' },
    }),
  }
}
