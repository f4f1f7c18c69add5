import { groupCommit } from '@kit/postgres/group-commit'
import { currentTrace } from '@kit/telemetry/trace-context'
import { RpcUnavailable } from './failure.ts'
import type { Procedure, RpcClient } from './procedure.ts'
import { nameOf } from './registry.ts'
import type { Transport, Trip } from './transport.ts'

/** Most calls that one trip carries. */
const CALLS_PER_TRIP = 500

type Call = { readonly request: unknown; readonly trip: Trip }

type Line = (call: Call, signal: AbortSignal | undefined) => Promise<unknown>

/**
 * Calls procedures by the first of the transports that knows their service. Calls of a procedure that declares `batch`
 * travel together when they arrive together or while a trip of theirs is under way.
 */
export const rpcClient = (...transports: readonly Transport[]): RpcClient => {
  const lines = new Map<string, Line>()
  const lineOf = (procedure: Procedure): Line => {
    const name = nameOf(procedure)
    const known = lines.get(name)
    if (known !== undefined) return known
    const line = together(procedure, (call) => send(procedure, call, transports))
    lines.set(name, line)
    return line
  }
  return {
    call: async (procedure, request, { deadline = 2_000, signal } = {}) => {
      signal?.throwIfAborted()
      const answer = lineOf(procedure)({ request, trip: { deadline, traceId: currentTrace()?.trace_id } }, signal)
      // The line belongs to this procedure, so what comes back is its answer.
      return (await until(answer, deadline, signal, nameOf(procedure))) as NonNullable<typeof procedure.answer>
    },
  }
}

const send = (procedure: Procedure, { request, trip }: Call, transports: readonly Transport[]): Promise<unknown> => {
  for (const transport of transports) {
    const go = transport(procedure)
    if (go !== undefined) return go(request, trip)
  }
  const { service } = procedure
  return Promise.reject(new RpcUnavailable(`${service} does not run in this process and no URL is known for it`))
}

/** Whoever has given up, or gone, before the next trip begins is not taken along. */
const together = ({ batch }: Procedure, go: (call: Call) => Promise<unknown>): Line => {
  if (batch === undefined) return go
  const put = groupCommit<Call, unknown>({
    limit: CALLS_PER_TRIP,
    flush: async (calls) => {
      const [first] = calls
      if (first === undefined || calls.length === 1) return first === undefined ? [] : [await go(first)]
      const requests = calls.map(({ request }) => request)
      const deadline = Math.max(...calls.map(({ trip }) => trip.deadline))
      const answer = await go({ request: batch.merge(requests), trip: { ...first.trip, deadline } })
      return batch.split(answer, requests)
    },
  })
  return (call, signal) => put(call, { signal, within: call.trip.deadline })
}

/** The answer, or the end of the caller's patience, whichever comes first. */
const until = (
  answer: Promise<unknown>,
  deadline: number,
  signal: AbortSignal | undefined,
  name: string,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal?.reason)
    const timer = setTimeout(() => reject(new RpcUnavailable(`${name} gave no answer in ${deadline} ms`)), deadline)
    signal?.addEventListener('abort', giveUp, { once: true })
    answer.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    })
  })
