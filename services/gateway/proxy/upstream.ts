import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { inTurn } from '@kit/addresses/in-turn'
import { closedSignal } from '@kit/http/incoming-request'
import type { Platform } from '@kit/platform/platform'
import { newTraceparent } from '@kit/telemetry/trace-context'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { headersToPass, headersToReturn } from '../mount/strip-headers.ts'
import { BODY_LIMIT, bodyToPass } from './body.ts'
import { isAbsent, isLost, refusedFor } from './failure.ts'

/** Bodies up to this many bytes are passed in one piece: measured half again as fast as a stream. */
const SMALL = 65_536

/** A service whose instances are processes of their own. */
export type Upstream = AsyncDisposable & {
  /** Passes the request on and its answer back. Rejects with a Refused when none comes. */
  readonly pass: (request: FastifyRequest, reply: FastifyReply, how: Passing) => Promise<FastifyReply>
}

export type Passing = {
  /** Seconds until an instance must have begun its answer. */
  readonly within: number
  /** Whether the request may be made twice and is done once: then it is, should an instance break off. */
  readonly repeatable: boolean
}

type Instance = {
  readonly kept: Pool
  /**
   * A connection for each request. One that rests may be closed by the instance just when a request is sent, and nobody can
   * tell then whether that was read; so what may not be sent twice does not go by one.
   */
  readonly fresh: Pool
}

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Readable | Buffer }

/** Calls go to the instances in turn; whom an instance does not let in, or breaks off with, goes to the next. */
export const openUpstream = (service: string, urls: readonly string[], platform: Platform): Upstream => {
  const pools = new AsyncDisposableStack()
  const open = (url: string, pipelining: number): Pool => {
    const pool = new Pool(url, { connections: 128, connect: { timeout: 2_000 }, bodyTimeout: 60_000, pipelining })
    pools.defer(() => pool.close())
    return pool
  }
  const instances = urls.map((url): Instance => ({ kept: open(url, 1), fresh: open(url, 0) }))
  const turns = inTurn(instances)
  const ask = async (call: Dispatcher.RequestOptions, repeatable: boolean): Promise<Answer> => {
    let failure: unknown
    // Once: a request at which instances die is not taken to all of them.
    let repeats = repeatable ? 1 : 0
    for (const instance of oneAgain(turns.next())) {
      // Nothing is gained by knocking again where nobody is.
      if (instances.length === 1 && isAbsent(failure)) break
      try {
        const answer = await answerOf(await (repeatable ? instance.kept : instance.fresh).request(call), call.method)
        turns.answered(instance)
        return answer
      } catch (error) {
        failure = error
        if (isAbsent(error)) turns.refused(instance)
        else if (!isLost(error) || repeats-- === 0) break
      }
    }
    throw refusedFor(failure, service)
  }
  return {
    pass: async (request, reply, { within, repeatable }) => {
      const call = {
        method: request.method,
        path: request.url,
        headers: { ...headersToPass(request), traceparent: newTraceparent(request.id, platform) },
        // What may have to be sent again is kept whole.
        body: await bodyToPass(request, instances.length > 1 || repeatable ? BODY_LIMIT : SMALL),
        headersTimeout: within * 1000,
        signal: closedSignal(reply),
      }
      const { status, headers, body } = await ask(call, repeatable)
      reply.code(status).headers(headersToReturn(headers))
      const isStream = String(headers['content-type']).startsWith('text/event-stream')
      if (isStream && body instanceof Readable) endWith(request.server.draining, body)
      return reply.send(body)
    },
    [Symbol.asyncDispose]: () => pools.disposeAsync(),
  }
}

/** One that is alone is asked again: it may have closed an idle connection just as that was taken. */
const oneAgain = (order: readonly Instance[]): readonly Instance[] =>
  order.length === 1 ? [...order, ...order] : order

/** Event streams would outlast the drain; their clients come back by themselves. */
const endWith = (draining: AbortSignal, body: Readable): void => {
  const end = (): void => void body.destroy()
  draining.addEventListener('abort', end, { once: true })
  // The signal lasts as long as the process.
  body.once('close', () => draining.removeEventListener('abort', end))
}

/**
 * Small answers whole, so that what breaks off in the middle has not been passed on. That to HEAD has the length of what GET would
 * give, and nothing to read.
 */
const answerOf = async (
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  method: string,
): Promise<Answer> => {
  const small = method !== 'HEAD' && Number(headers['content-length']) <= SMALL
  return { status, headers, body: small ? Buffer.from(await body.arrayBuffer()) : body }
}
