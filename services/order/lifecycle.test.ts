import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { diagram } from './domain/lifecycle.ts'

test('the README shows the lifecycle that the table has', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  const shown = /<!-- made: order lifecycle -->\n```mermaid\n([^]*?)\n```\n<!-- end -->/.exec(readme)?.[1]
  assert.equal(shown, diagram())
})
