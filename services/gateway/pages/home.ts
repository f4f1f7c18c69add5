import type { FastifyInstance } from 'fastify'
import { sendPage } from './page.ts'

/** Where to go from the bare address. */
export const addHome = (app: FastifyInstance): void => {
  app.get('/', (_request, reply) => sendPage(reply, 'Argosy', HOME))
}

const HOME = `<h1>Argosy</h1>
<ul>
<li><a href="/docs">The API, to read and to try</a> (<a href="/openapi.json">OpenAPI 3.1</a>)</li>
<li><a href="/mailbox">Mail that the shop has sent</a>, when it keeps a mailbox</li>
<li><a href="/problems">Problems and what to do about them</a></li>
<li><a href="/readyz">Health</a> and <a href="/metrics">metrics</a></li>
</ul>`
