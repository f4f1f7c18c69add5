import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { includedBy, sql } from './statement.ts'

test('what a statement includes stands in its place, and changes its name', () => {
  const dir = mkdtempSync(join(tmpdir(), 'argosy-statement-'))
  try {
    mkdirSync(join(dir, 'list'))
    const file = join(dir, 'list/select.sql')
    const base = pathToFileURL(file).href
    writeFileSync(file, '-- $1 id\nselect\n       -- include ../columns.sql\n  from thing\n where id = $1\n')
    assert.throws(() => sql(base, 'select.sql'), /columns\.sql/)
    writeFileSync(join(dir, 'columns.sql'), 'id, name\n')
    const before = sql(base, 'select.sql')
    assert.equal(before.text, '-- $1 id\nselect\n       id, name\n  from thing\n where id = $1\n')
    writeFileSync(join(dir, 'columns.sql'), 'id, name, price\n')
    assert.notEqual(sql(base, 'select.sql').name, before.name)
    assert.deepEqual(includedBy(pathToFileURL(file)), [pathToFileURL(join(dir, 'columns.sql'))])
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
