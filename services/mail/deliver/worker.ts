import { PermanentFailure } from '@kit/jobs/job'
import type { RetryPolicy, Worker } from '@kit/jobs/job'
import { groupCommit } from '@kit/pace/group-commit'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Logger } from '@kit/telemetry/telemetry'
import { dedupeKey, SendLetter } from '../letter.ts'
import type { Addressed, Recipient } from '../letter.ts'
import { UnknownAddress } from '../mailer.ts'
import type { Mailer } from '../mailer.ts'
import { isSuppressed, rememberUnsent, suppress } from '../suppression.ts'

const selectRecipient = sql<Recipient>(import.meta.url, 'select-recipient.sql')
type StillDue = { readonly late: boolean; readonly unsubscribed: boolean; readonly ended: boolean }
const selectStillDue = sql<StillDue>(import.meta.url, 'select-still-due.sql')

type Data = ReturnType<(typeof SendLetter)['parse']>

/** Why a letter was not sent, which is no failure. */
type Needless = 'late' | 'unsubscribed' | 'ended' | 'suppressed'
type Delivered = Addressed & { readonly unsent?: Needless }

export type Delivery = {
  readonly mailer: Mailer
  readonly db: Queryable
  readonly log: Logger
  readonly retry: RetryPolicy
}

/**
 * Hands letters to the mailer. What nobody needs any more is dropped; what has an impossible address is given up at once; an
 * address that turns out not to exist is not tried again, by this letter or any other.
 */
export const deliver = ({ mailer, db, log, retry }: Delivery): Worker<Data, Delivered> => {
  const stillDue = askingWhichAreDue(db)
  return {
    job: SendLetter,
    concurrency: mailer.concurrency,
    retry,
    perform: async ({ account_id, to, letter }, { signal }, { clock }) => {
      const addressed = { account_id, to: to ?? (await lookUp(db, account_id)), letter }
      const { email } = addressed.to
      if (!isAddress(email)) throw new PermanentFailure('the recipient has no valid e-mail address')
      const unsent = await needless(addressed, mailer, db, stillDue, clock.now())
      if (unsent !== undefined) {
        log.info({ letter: dedupeKey(letter), unsent }, 'a letter was not sent')
        return { ...addressed, unsent }
      }
      try {
        await mailer.send(addressed, signal, clock.now())
      } catch (error) {
        if (error instanceof UnknownAddress) await suppress(db, email, error.message, clock.now())
        throw error
      }
      return addressed
    },
    finish: async (done, tx, platform) => {
      const results = done.map(({ result }) => result)
      const sent = results.filter(({ unsent }) => unsent === undefined)
      if (sent.length > 0) await mailer.keep(sent, tx, platform)
      const suppressed = results.filter(({ unsent }) => unsent === 'suppressed')
      await rememberUnsent(
        tx,
        suppressed.map(({ to }) => to.email),
      )
      return []
    },
  }
}

type Reminder = { readonly account_id: string; readonly purchase_id: string; readonly expires_at: string }

/** Very many reminders may be due at once: what is asked at the same moment is one statement. */
const askingWhichAreDue = (db: Queryable) =>
  groupCommit<Reminder, StillDue>({
    limit: 500,
    flush: (reminders) =>
      db.query(selectStillDue, [
        reminders.map(({ account_id }) => account_id),
        reminders.map(({ purchase_id }) => purchase_id),
        reminders.map(({ expires_at }) => expires_at),
      ]),
  })

const needless = async (
  { account_id, to, letter }: Addressed,
  mailer: Mailer,
  db: Queryable,
  stillDue: ReturnType<typeof askingWhichAreDue>,
  now: Date,
): Promise<Needless | undefined> => {
  if (letter.template === 'verification' && Date.parse(letter.expires_at) <= now.getTime()) return 'late'
  if (letter.template === 'payment-reminder') {
    const due = await stillDue({ account_id, purchase_id: letter.purchase_id, expires_at: letter.expires_at })
    if (due.late) return 'late'
    if (due.unsubscribed) return 'unsubscribed'
    if (due.ended) return 'ended'
  }
  return mailer.bounces && (await isSuppressed(db, to.email)) ? 'suppressed' : undefined
}

const lookUp = async (db: Queryable, account_id: string): Promise<Recipient> => {
  const [recipient] = await db.query(selectRecipient, [account_id])
  if (!recipient) throw new Error(`account ${account_id} is not known to the mail service yet`)
  return recipient
}

/** One address and nothing else: no white space (hence no header), no list, no display name. */
export const isAddress = (text: string): boolean => /^[^\s<>()[\]\\,;:"@\p{Cc}]+@[^\s<>()\\,;:"@\p{Cc}]+$/u.test(text)
