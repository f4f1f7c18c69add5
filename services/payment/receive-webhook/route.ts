import { createHash } from 'node:crypto'
import { AuthorizedByProvider, ReceiveSandboxWebhook } from '@argosy/contracts/http/payment'
import { normalFormOf } from '@kit/http/normal-form'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import type { JobRequest } from '@kit/messaging/outgoing'
import type { Platform } from '@kit/platform/platform'
import { sql } from '@kit/postgres/statement'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { Check } from 'typebox/value'
import { ApplyWebhook } from '../webhook-job.ts'
import { verify } from '../webhook-signature.ts'

const recordEvent = sql<{ readonly fresh: boolean }>(import.meta.url, 'record-event.sql')

type Needs = { readonly secrets: readonly string[]; readonly platform: Platform }

/**
 * Takes what the provider tells: the signature first, then the event is stored under its id, with a job that applies it, and
 * acknowledged; applying it may take its time.
 *
 * A repeat under a known id is told from a replay by its time: the provider, when it has not heard our answer, signs the same
 * event anew, and is acknowledged again without further effect; else it would never stop. Who has only overheard a delivery
 * can send those very bytes again, which carry no later time, and is refused.
 */
export const receiveWebhook = ({ secrets, platform }: Needs): Route =>
  route(ReceiveSandboxWebhook, async ({ body, rawBody = '', headers, cause }, { transact }) => {
    const now = platform.clock.now()
    const signature = {
      'webhook-id': headers['webhook-id'],
      'webhook-timestamp': headers['webhook-timestamp'],
      'webhook-signature': headers['webhook-signature'],
    }
    const signed = verify(signature, rawBody, secrets, now)
    if ('wrong' in signed) return refuse('webhook-not-signed', { detail: `${signed.wrong}.` })
    const apply = jobFor(body)
    if (isRefusal(apply)) return apply
    const bodyHash = createHash('sha256').update(rawBody).digest()
    const known = await transact({ cause }, async (tx) => {
      const [recorded] = await tx.query(recordEvent, [signed.id, body.type, bodyHash, signed.signedAt, now])
      return { answer: recorded, send: recorded?.fresh === true ? apply : [] }
    })
    if (known === undefined)
      return refuse('webhook-replayed', {
        detail: `The event ${signed.id} was received before, as new as this or newer.`,
      })
    return { received: signed.id }
  })

/** The schema of the body leaves open what an event says. */
const normalForm = normalFormOf(AuthorizedByProvider)

/** What an event leads to. Of a type that says nothing to us: nothing, for providers add types as they like. */
const jobFor = ({ type, data }: { readonly type: string; readonly data: unknown }): readonly JobRequest[] | Refusal => {
  if (type !== 'payment.authorized') return []
  const heard = normalForm(data)
  if (Check(AuthorizedByProvider, heard)) return [ApplyWebhook(heard)]
  return refuse('invalid-request', {
    detail: 'The data of payment.authorized must have reference, authorization, amount and currency_code.',
    errors: [{ pointer: '/data', detail: 'does not match payment.authorized' }],
  })
}
