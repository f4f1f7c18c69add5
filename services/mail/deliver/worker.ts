import { HopelessJob } from '@kit/jobs/job'
import type { RetryPolicy, Worker } from '@kit/jobs/job'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { SendLetter } from '../letter.ts'
import type { Addressed, Recipient } from '../letter.ts'
import type { Mailer } from '../mailer.ts'

const selectRecipient = sql<Recipient>(import.meta.url, 'select-recipient.sql')

type Data = ReturnType<(typeof SendLetter)['parse']>

/** A mail server may be away for a while: 1 s, 2 s, 4 s … up to an hour between tries, some five hours in all. */
const forHours: RetryPolicy = { attempts: 16, firstDelay: 1_000, maxDelay: 3_600_000 }

/** Hands letters to the mailer. What has passed its time or has an impossible address is given up at once. */
export const deliver = (mailer: Mailer, db: Queryable): Worker<Data, Addressed> => ({
  job: SendLetter,
  concurrency: mailer.concurrency,
  retry: forHours,
  perform: async ({ account_id, to, letter }, _attempt, platform) => {
    if (letter.template === 'verification' && Date.parse(letter.expires_at) <= platform.clock.now().getTime())
      throw new HopelessJob('the code expired before it could be sent')
    const addressed = { account_id, to: to ?? (await lookUp(db, account_id)), letter }
    if (!isAddress(addressed.to.email)) throw new HopelessJob('the recipient has no valid e-mail address')
    await mailer.send(addressed)
    return addressed
  },
  finish: async (done, tx, platform) => {
    await mailer.keep(
      done.map(({ result }) => result),
      tx,
      platform,
    )
    return []
  },
})

const lookUp = async (db: Queryable, account_id: string): Promise<Recipient> => {
  const [recipient] = await db.query(selectRecipient, [account_id])
  if (!recipient) throw new Error(`account ${account_id} is not known to the mail service yet`)
  return recipient
}

/** One address and nothing else: no white space (hence no header), no list, no display name. */
const isAddress = (text: string): boolean => /^[^\s<>()[\]\\,;:"@\p{Cc}]+@[^\s<>()\\,;:"@\p{Cc}]+$/u.test(text)
