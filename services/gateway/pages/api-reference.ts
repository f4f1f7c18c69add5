import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { placeholders } from '@argosy/contracts/examples'
import { openApi } from '@kit/http/openapi/document'
import type { NamedEndpoint } from '@kit/http/openapi/document'
import type { Samples } from '@kit/http/openapi/operation'
import type { FastifyInstance } from 'fastify'

/**
 * The API's description at `/openapi.json` and, for people, at `/docs`. Nothing is loaded from elsewhere. Its examples
 * stand on `samples` where the shop has any.
 */
export const addApiReference = (
  app: FastifyInstance,
  services: Readonly<Record<string, readonly NamedEndpoint[]>>,
  samples: () => Promise<Samples> = async () => ({}),
): void => {
  app.get('/openapi.json', async (_request, reply) => {
    const description =
      'An event-driven shop in which every purchase is a durable saga. Register or log in for an access token; ' +
      'every answer that is not 2xx is a problem (RFC 9457) whose `type` leads to its page.'
    const known = { ...placeholders, ...(await samples()) }
    const document = openApi({ title: 'Argosy', version: 'v1', description, services, samples: known })
    return reply.header('content-type', 'application/json').send(JSON.stringify(document))
  })
  app.get('/docs', (_request, reply) =>
    reply.headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY }).send(HTML),
  )
  app.get('/docs/start.js', (_request, reply) => reply.header('content-type', 'text/javascript').send(START))
  for (const [file, type] of FILES) {
    let content: Buffer | undefined
    app.get(`/docs/${file}`, (_request, reply) => {
      content ??= readFileSync(new URL(file, folder))
      return reply.headers({ 'content-type': type, 'cache-control': 'public, max-age=86400' }).send(content)
    })
  }
}

/** Swagger UI's own files, as its Fastify plugin carries them. */
const folder = new URL('static/', pathToFileURL(fileURLToPath(import.meta.resolve('@fastify/swagger-ui'))))

const FILES = [
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
] as const

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const HTML = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Argosy API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: true,
  tryItOutEnabled: true,
  layout: 'BaseLayout',
})
`
