import { answerProblem } from '@kit/http/problem-answer'
import { generalProblems } from '@kit/problem/general'
import { problemDocument } from '@kit/problem/problem-document'
import type { ProblemDocument } from '@kit/problem/problem-document'
import type { Refusal } from '@kit/problem/refusal'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { prefersHtml } from './accept.ts'
import { markup } from './html.ts'
import { pageHeaders, pageText } from './page.ts'

/**
 * Shows every problem as a page to people in a browser; programs get it as it is. Also those of services that are processes of
 * their own, for this looks at what goes out.
 */
export const showProblemsToPeople = (app: FastifyInstance): void => {
  // With a callback, for every answer passes by here and few are problems.
  app.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode < 400 || !isProblem(reply)) return done(null, payload)
    vary(reply)
    const problem = prefersHtml(request.headers.accept) ? documentIn(payload) : undefined
    if (problem === undefined) return done(null, payload)
    reply.headers(pageHeaders())
    reply.removeHeader('content-length')
    done(null, pageFor(problem))
  })
}

const isProblem = (reply: FastifyReply): boolean =>
  String(reply.getHeader('content-type')).startsWith('application/problem+json')

/** The same for an address that cannot be read, of which hooks are not told. */
export const answerUnreadable = (request: FastifyRequest, reply: FastifyReply, refusal: Refusal): void => {
  vary(reply)
  if (!prefersHtml(request.headers.accept)) return void answerProblem(request, reply, refusal)
  const problem = generalProblems['invalid-request']
  const document = problemDocument(refusal, problem, { path: '/', traceId: request.id })
  void reply.code(problem.status).headers(pageHeaders()).send(pageFor(document))
}

const pageFor = (problem: ProblemDocument): string => pageText({ title: problem.title, body: bodyOf(problem) })

/** Undefined for what is not in one piece, for a problem is small, and for the body that HEAD does not have. */
const documentIn = (payload: unknown): ProblemDocument | undefined =>
  (typeof payload === 'string' || Buffer.isBuffer(payload)) && payload.length > 0
    ? (JSON.parse(payload.toString()) as ProblemDocument)
    : undefined

const vary = (reply: FastifyReply): void => {
  const before = reply.getHeader('vary')
  reply.header('vary', before === undefined ? 'Accept' : `${String(before)}, Accept`)
}

const bodyOf = ({ title, detail, code, errors = [], retry_after, trace_id }: ProblemDocument) =>
  markup`<h1>${title}</h1>
${detail !== undefined && markup`<p>${detail}</p>`}
${errors.length > 0 && markup`<ul>${errors.map((error) => markup`<li><code>${error.pointer}</code> ${error.detail}</li>`)}</ul>`}
${retry_after !== undefined && markup`<p>Try again in ${retry_after} ${retry_after === 1 ? 'second' : 'seconds'}.</p>`}
<section>
<h2>What you can do</h2>
<ul>
<li><a href="/problems/${code}">Read what this means</a></li>
<li><a href="/">Go to the first page</a></li>
<li><a href="/docs">Look it up in the API reference</a></li>
</ul>
</section>
<p class="quiet">If you ask somebody about it, tell them the trace: <code>${trace_id}</code></p>`
