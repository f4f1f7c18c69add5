import { answerProblem } from '@kit/http/problem-answer'
import { refuse } from '@kit/problem/refusal'
import type { FastifyInstance } from 'fastify'
import { escapeHtml } from './markdown.ts'
import { sendPage } from './page.ts'

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Where the links in mail lead. It shows nothing of the order, for it does not know who asks: it says how the API is asked. A
 * storefront takes its place.
 */
export const addOrderPage = (app: FastifyInstance): void => {
  app.get<{ Params: { id: string } }>('/o/:id', (request, reply) =>
    ID.test(request.params.id)
      ? sendPage(reply, 'Your order', page(request.params.id))
      : answerProblem(request, reply, refuse('not-found')),
  )
}

const page = (id: string): string => `<h1>Your order</h1>
<p>Order <code>${id}</code>. This store has no pages of its own yet; with the access token of your account, its API does the same.</p>
<h2>See it</h2>
<pre><code>${escapeHtml(`curl "$STORE/api/v1/orders/${id}" -H "Authorization: Bearer $TOKEN"`)}</code></pre>
<h2>Pay it</h2>
<pre><code>${escapeHtml(
  `curl -X POST "$STORE/api/v1/orders/${id}/pay" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{"card": "4242424242424242"}'`,
)}</code></pre>
<h2>Cancel it, while it is not paid</h2>
<pre><code>${escapeHtml(`curl -X POST "$STORE/api/v1/orders/${id}/cancel" -H "Authorization: Bearer $TOKEN"`)}</code></pre>
<p><a href="/docs">The API, to read and to try</a></p>`
