import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

export type Asked = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token: string
  readonly body?: object
  /** With one, the call may be made twice. */
  readonly key?: string
}

/** What came of a call; `door`: who answered. */
export type Told = { readonly status: number; readonly body: any; readonly door: string }

/** Ms for an answer. */
const PATIENCE = 10_000

/**
 * A client of two gateways, as plain as they come: a connection for each call, to them in turn. One that does not let it in has not
 * heard of the call, so the other is asked; after one that broke off, only with what may be asked for twice.
 */
export const clientOf = (doors: readonly string[]): ((asked: Asked) => Promise<Told>) => {
  let turn = 0
  return async (asked) => {
    const first = turn++
    const mayRepeat = asked.method === 'GET' || asked.key !== undefined
    let failure: unknown
    for (let n = 0; n < doors.length; n++) {
      const door = doors[(first + n) % doors.length] ?? ''
      try {
        return await send(door, asked)
      } catch (error) {
        failure = error
        const code: unknown = Object(error).code
        if (code !== 'ECONNREFUSED' && !(code === 'ECONNRESET' && mayRepeat)) break
      }
    }
    throw failure
  }
}

const send = async (door: string, { method, path, token, body, key }: Asked): Promise<Told> => {
  const outgoing = request(new URL(path, door), {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    agent: false,
    signal: AbortSignal.timeout(PATIENCE),
  })
  outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const text = (await buffer(incoming)).toString()
  return { status: incoming.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text), door }
}
