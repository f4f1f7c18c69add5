import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import { read, repository } from './generated.ts'
import { problemCodes } from './problem-codes.ts'

const pages = globSync('docs/problems/*.md', { cwd: repository.pathname })
  .map((file) => basename(file, '.md'))
  .filter((name) => name !== 'README')

test('every problem code has a page, and every page a code', () => {
  const codes = new Set(problemCodes().map(({ code }) => code))
  assert.deepEqual(
    {
      withoutPage: [...codes].filter((code) => !pages.includes(code)),
      withoutCode: pages.filter((page) => !codes.has(page)),
    },
    { withoutPage: [], withoutCode: [] },
  )
})

test('no two owners use one code for different things', () => {
  const seen = new Map<string, string>()
  for (const { code, owner, status, title } of problemCodes()) {
    const said = `${status} ${title}`
    assert.equal(seen.get(code) ?? said, said, `${code} of ${owner}`)
    seen.set(code, said)
  }
})

for (const page of pages) {
  test(`the page of ${page} begins with its name and says what to do`, () => {
    const lines = read(`docs/problems/${page}.md`).trim().split('\n')
    assert.match(lines[0] ?? '', /^# /)
    assert.ok(lines.length >= 3, 'a title alone helps nobody')
  })
}
