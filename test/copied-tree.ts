import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const original = fileURLToPath(new URL('..', import.meta.url))
const LEFT_OUT = new Set(['node_modules', '.git', '.argosy', 'results'])

/**
 * A copy of the source tree to work in, with the packages of the original: workspaces are links into the copy, all else into
 * the original. Disposing removes it.
 */
export const copiedTree = (): Disposable & { readonly root: string } => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'argosy-tree-')))
  // The embedded PostgreSQL may run as another user.
  chmodSync(root, 0o755)
  cpSync(original, root, { recursive: true, filter: (file) => !LEFT_OUT.has(basename(file)) })
  for (const name of readdirSync(join(original, 'node_modules'))) {
    if (name.startsWith('@'))
      for (const each of readdirSync(join(original, 'node_modules', name))) link(`${name}/${each}`)
    else if (!name.startsWith('.')) link(name)
  }
  link('.bin')
  for (const name of ['.package-lock.json', '.argosy-lock']) {
    const record = join(original, 'node_modules', name)
    if (existsSync(record)) copyFileSync(record, join(root, 'node_modules', name))
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }

  function link(name: string): void {
    const there = realpathSync(join(original, 'node_modules', name))
    const below = relative(original, there)
    const isWorkspace = !below.startsWith('node_modules') && !below.startsWith('..')
    const path = join(root, 'node_modules', name)
    mkdirSync(join(path, '..'), { recursive: true })
    symlinkSync(isWorkspace ? join(root, below) : there, path)
  }
}
