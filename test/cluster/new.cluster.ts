// What `argosy new` makes, in a copy of the tree: it passes every check and its own tests, and nothing has to be installed.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { copiedTree } from '../copied-tree.ts'

test('a new service and new use cases pass verify and their own tests', (t) => {
  using tree = copiedTree()
  const run = (...args: readonly string[]): void => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree.root, env, encoding: 'utf8' })
    t.diagnostic(`${args.join(' ')}: ${status}`)
    assert.equal(status, 0, `${args.join(' ')}\n${stdout}${stderr}`)
  }
  const argosy = join(tree.root, 'apps/argosy/bin/argosy.js')
  run(argosy, 'new', 'service', 'loyalty', 'grant-point')
  run(argosy, 'new', 'use-case', 'loyalty', 'withdraw-point')
  run(argosy, 'new', 'use-case', 'catalog', 'pin-product')
  run(argosy, 'new', 'use-case', 'mail', 'archive-letter')
  const made = globSync('services/*/{grant-point,withdraw-point,pin-product,archive-letter}/*.test.ts', {
    cwd: tree.root,
  })
  assert.equal(made.length, 4)
  run('--test', ...made, 'contracts/services.test.ts', 'test/docs/generated.test.ts')
  run('scripts/verify.ts')
  const { stderr } = spawnSync(process.execPath, ['scripts/install.mjs'], { cwd: tree.root, encoding: 'utf8' })
  assert.equal(stderr, '', 'what is installed is what the lock file says')
})
