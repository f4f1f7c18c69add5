import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyReply } from 'fastify'
import { markup, trusted } from './html.ts'
import type { Html } from './html.ts'

export type Page = {
  readonly title: string
  readonly body: Html
  /** A script of ours that the page is better with; every page works without. */
  readonly script?: string
}

const STYLE = readFileSync(new URL('page.css', import.meta.url), 'utf8')

/** This one style and no other; forms lead to ourselves; nothing from elsewhere, and no page of others around it. */
const policy = (script: boolean): string =>
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; ` +
  `${script ? "script-src 'self'; connect-src 'self'; " : ''}base-uri 'none'; frame-ancestors 'none'`

const POLICY = { plain: policy(false), scripted: policy(true) }

/** What goes with every page. Who writes to the shop by a form is recognised by its origin, so that is told to us alone. */
export const pageHeaders = ({ script }: Pick<Page, 'script'> = {}): Readonly<Record<string, string>> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': script === undefined ? POLICY.plain : POLICY.scripted,
  'referrer-policy': 'same-origin',
})

/** Sends a small page that loads nothing from elsewhere. */
export const sendPage = (reply: FastifyReply, page: Page): FastifyReply =>
  reply.headers(pageHeaders(page)).send(pageText(page))

export const pageText = ({ title, body, script }: Page): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${trusted(STYLE)}</style>${
    script !== undefined &&
    markup`
<script src="${script}" type="module"></script>`
  }
</head>
<body>
<header><a href="/">Argosy</a><nav aria-label="Main"><a href="/docs">API</a><a href="/problems">Problems</a></nav></header>
<main>
${body}
</main>
</body>
</html>
`.text
