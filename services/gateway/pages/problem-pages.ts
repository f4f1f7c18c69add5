import { readdirSync, readFileSync } from 'node:fs'
import { answerProblem } from '@kit/http/problem-answer'
import { refuse } from '@kit/problem/refusal'
import type { FastifyInstance } from 'fastify'
import { markdownToHtml } from './markdown.ts'
import { trusted } from './html.ts'
import { sendPage } from './page.ts'

/** The pages that the `type` of every problem leads to, from `docs/problems/<code>.md`. Read once. */
export const addProblemPages = (app: FastifyInstance, folder: URL): void => {
  const pages = new Map<string, string>()
  for (const file of readdirSync(folder)) {
    if (/^[a-z-]+\.md$/.test(file)) pages.set(file.slice(0, -3), linked(readFileSync(new URL(file, folder), 'utf8')))
  }
  const codes = [...pages.keys()].toSorted()
  const index = `<h1>Problems</h1><ul>${codes.map((code) => `<li><a href="/problems/${code}">${code}</a></li>`).join('')}</ul>`
  app.get('/problems', (_request, reply) => sendPage(reply, { title: 'Problems', body: trusted(index) }))
  app.get<{ Params: { code: string } }>('/problems/:code', (request, reply) => {
    const page = pages.get(request.params.code)
    if (page === undefined) return answerProblem(request, reply, refuse('not-found'))
    const body = trusted(`${markdownToHtml(page)}<p><a href="/problems">All problems</a></p>`)
    return sendPage(reply, { title: request.params.code, body })
  })
}

/** Pages name each other as files, for readers of the repository; here they are addresses. */
const linked = (text: string): string => text.replaceAll(/\]\(([a-z-]+)\.md\)/g, '](/problems/$1)')
