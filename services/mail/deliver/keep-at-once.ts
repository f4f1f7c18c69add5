import type { Consumer } from '@kit/messaging/consumer'
import type { JobRequest, Outgoing } from '@kit/messaging/outgoing'
import { SendLetter } from '../letter.ts'
import type { Addressed, Template } from '../letter.ts'
import type { Mailer } from '../mailer.ts'
import { isAddress } from './worker.ts'

/**
 * Letters that stay in the house need no job: they are kept in the transaction that asks for them. One whose recipient is not known
 * yet or has no address, and one that may be needless when it is its turn, remain jobs.
 */
export const keepAtOnce =
  (mailer: Mailer) =>
  (consumer: Consumer): Consumer => ({
    ...consumer,
    handle: async (batch, tx, platform) => {
      const outgoing = await consumer.handle(batch, tx, platform)
      const letters = outgoing.flatMap(letterOf)
      if (letters.length > 0) await mailer.keep(letters, tx, platform)
      return outgoing.filter((one) => letterOf(one).length === 0)
    },
  })

const MAY_BE_NEEDLESS: ReadonlySet<Template> = new Set(['payment-reminder', 'verification'])

const letterOf = (one: Outgoing): readonly Addressed[] => {
  if (one.kind !== 'job' || one.type !== SendLetter.type) return []
  const { account_id, to, letter } = dataOf(one)
  const isJob = to === undefined || !isAddress(to.email) || MAY_BE_NEEDLESS.has(letter.template)
  return isJob ? [] : [{ account_id, to, letter }]
}

const dataOf = (request: JobRequest): ReturnType<(typeof SendLetter)['parse']> => SendLetter.parse(request.data)
