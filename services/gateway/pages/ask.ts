import { Refused } from '@kit/http/refused'
import { generalProblems } from '@kit/problem/general'
import type { Platform } from '@kit/platform/platform'
import type { ProblemDocument } from '@kit/problem/problem-document'
import { refuse } from '@kit/problem/refusal'
import { newTraceparent } from '@kit/telemetry/trace-context'
import type { FastifyInstance, FastifyRequest } from 'fastify'

type Call = {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly token?: string
  readonly body?: object
}

/** What the API answers to a call of a page. */
export type Answer<Body> = { readonly ok: true; readonly body: Body } | Failure
export type Failure = { readonly ok: false; readonly status: number; readonly problem: Partial<ProblemDocument> }

/** Calls the shop's own API as the client of `request` would: pages know nothing that the API does not tell. */
export type Ask = <Body>(request: FastifyRequest, call: Call) => Promise<Answer<Body>>

/** Without a socket, under the same rate limits, and with the trace of the page. */
export const asker =
  (app: FastifyInstance, platform: Platform): Ask =>
  async <Body>(request: FastifyRequest, { method = 'GET', path, token, body }: Call): Promise<Answer<Body>> => {
    if (app.draining.aborted) throw new Refused(refuse('unavailable', { detail: 'The shop stops.', retryAfter: 1 }))
    const { statusCode, payload } = await app.inject({
      method,
      url: path,
      remoteAddress: request.ip,
      headers: {
        accept: 'application/json',
        traceparent: newTraceparent(request.id, platform),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(method === 'POST' && { payload: body ?? {} }),
    })
    const said = payload === '' ? {} : jsonIn(payload)
    if (said === undefined) return { ok: false, status: 503, problem: {} }
    // The shapes are those of contracts/http, by which services write their answers.
    if (statusCode < 300) return { ok: true, body: said as Body }
    return { ok: false, status: statusCode, problem: said as Partial<ProblemDocument> }
  }

/** Undefined for what is none: it comes from something between us and a service, such as a proxy that does not reach it. */
const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The failure of a call as that of the page that made it. */
export const passOn = ({ problem: { code = '', detail, retry_after } }: Failure): Refused =>
  new Refused(
    refuse(code in generalProblems ? code : 'unavailable', {
      ...(detail !== undefined && { detail }),
      ...(retry_after !== undefined && { retryAfter: retry_after }),
    }),
  )
