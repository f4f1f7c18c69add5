import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { read, repository } from './generated.ts'

const documents = globSync('**/*.md', {
  cwd: repository.pathname,
  exclude: ['node_modules', '.argosy', '**/node_modules'],
})

test('every link from a document to a file leads somewhere', () => {
  const dead = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#|\/|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(repository.pathname, dirname(document), target)))
      .map((target) => `${document} -> ${target}`),
  )
  assert.ok(documents.length > 10)
  assert.deepEqual(dead, [])
})
