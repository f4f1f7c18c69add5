import { groupCommit } from '@kit/pace/group-commit'
import { currentTrace } from '@kit/telemetry/trace-context'
import { RpcUnavailable } from './failure.ts'
import type { Procedure, RpcClient } from './procedure.ts'
import { nameOf } from './registry.ts'
import type { Transport } from './transport.ts'

/** Most calls that one trip carries. */
const CALLS_PER_TRIP = 500

type Call = {
  readonly request: unknown
  readonly traceId: string | undefined
  /** On the clock of `performance.now()`: nobody waits any more then. */
  readonly due: number
  readonly signal: AbortSignal | undefined
}

type Queue = (call: Call) => Promise<unknown>

/**
 * Calls procedures by the first of the transports that knows their service. Calls of a procedure that declares `batch`
 * travel together when they arrive together or while a trip of theirs is under way. No trip lasts longer than those who
 * wait for it, whatever becomes of it: the next one sets out.
 */
export const rpcClient = (...transports: readonly Transport[]): RpcClient => {
  const queues = new Map<string, Queue>()
  const queueOf = (procedure: Procedure): Queue => {
    const name = nameOf(procedure)
    const known = queues.get(name)
    if (known !== undefined) return known
    const queue = together(procedure, (call) => send(procedure, call, transports))
    queues.set(name, queue)
    return queue
  }
  return {
    call: async (procedure, request, { deadline = 2_000, signal } = {}) => {
      signal?.throwIfAborted()
      const call = { request, traceId: currentTrace()?.trace_id, due: performance.now() + deadline, signal }
      // The queue belongs to this procedure, so what comes back is its answer.
      const answer = queueOf(procedure)(call) as Promise<NonNullable<typeof procedure.answer>>
      return until(answer, deadline, signal, nameOf(procedure))
    },
  }
}

const send = (procedure: Procedure, call: Call, transports: readonly Transport[]): Promise<unknown> => {
  const { request, traceId, due, signal } = call
  for (const transport of transports) {
    const go = transport(procedure)
    if (go === undefined) continue
    const deadline = Math.ceil(due - performance.now())
    if (deadline <= 0 || signal?.aborted === true)
      return Promise.reject(new RpcUnavailable(`${nameOf(procedure)} was not asked in time`))
    return until(go(request, { deadline, traceId }), deadline, undefined, nameOf(procedure))
  }
  const { service } = procedure
  return Promise.reject(new RpcUnavailable(`${service} does not run in this process and no URL is known for it`))
}

/** Whoever has given up, or gone, before the next trip begins is not taken along. */
const together = ({ batch }: Procedure, go: (call: Call) => Promise<unknown>): Queue => {
  if (batch === undefined) return go
  const goAll = async (calls: readonly Call[]): Promise<readonly unknown[]> => {
    const [first] = calls
    if (first === undefined || calls.length === 1) return first === undefined ? [] : [await go(first)]
    const requests = calls.map(({ request }) => request)
    const due = Math.max(...calls.map((call) => call.due))
    return batch.split(await go({ ...first, request: batch.merge(requests), due, signal: undefined }), requests)
  }
  const put = groupCommit<Call, unknown>({ limit: CALLS_PER_TRIP, flush: goAll })
  return (call) => put(call, { signal: call.signal, within: Math.max(0, call.due - performance.now()) })
}

/** The answer, or the end of the caller's patience, whichever comes first. */
const until = <T>(answer: Promise<T>, deadline: number, signal: AbortSignal | undefined, name: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal?.reason)
    const timer = setTimeout(() => reject(new RpcUnavailable(`${name} gave no answer in ${deadline} ms`)), deadline)
    signal?.addEventListener('abort', giveUp, { once: true })
    answer.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    })
  })
