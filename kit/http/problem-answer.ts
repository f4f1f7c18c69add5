import { generalProblems } from '@kit/problem/general'
import { problemDocument } from '@kit/problem/problem-document'
import type { Problem, Problems, Refusal } from '@kit/problem/refusal'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Answers a refusal as `application/problem+json` (RFC 9457). */
export const answerProblem = (
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Refusal,
  problems: Problems = generalProblems,
): FastifyReply => {
  // The deadline may have answered before the route did, or the route has begun a stream.
  if (reply.sent || reply.raw.headersSent) return reply
  const problem = problemOf(refusal.refused, problems)
  if (refusal.retryAfter !== undefined) reply.header('retry-after', Math.ceil(refusal.retryAfter))
  const document = problemDocument(refusal, problem, { path: pathOf(request), traceId: request.id })
  // A string, so that the schema of the good answer is not applied to the problem.
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(document))
}

const problemOf = (code: string, problems: Problems): Problem => {
  const problem = problems[code] ?? (generalProblems as Problems)[code]
  if (problem === undefined) throw new Error(`the refusal ${code} has no entry in problems.ts`)
  return problem
}

/** Without the query: it may hold what does not belong in an answer. */
const pathOf = (request: FastifyRequest): string => {
  const query = request.url.indexOf('?')
  return query < 0 ? request.url : request.url.slice(0, query)
}
