import type { FastifyReply } from 'fastify'
import { escapeHtml } from './markdown.ts'

/** Sends a small page that loads nothing. */
export const sendPage = (reply: FastifyReply, title: string, body: string): FastifyReply =>
  reply
    .header('content-type', 'text/html; charset=utf-8')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    ).send(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<main>${body}</main></html>
`)

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:42rem;padding:0 1rem;color:#1a1a1a;background:#fff}' +
  'a{color:#0b57d0}code,pre{font-family:ui-monospace,monospace;background:#f3f3f3;border-radius:4px;padding:.1em .3em}' +
  'pre{padding:.8em;overflow:auto}@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}a{color:#8ab4f8}code,pre{background:#2a2a2a}}'
