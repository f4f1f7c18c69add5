import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import process from 'node:process'
import { exitCode, Stop } from '../command-line/exit-code.ts'

/** The source tree, and what is to change there: nothing is written before all of it is known. */
export type Tree = {
  readonly root: string
  readonly has: (file: string) => boolean
  /** The names in a folder as it will be; none when it is not there. */
  readonly list: (folder: string) => readonly string[]
  /** A file as it will be. */
  readonly read: (file: string) => string
  readonly write: (file: string, text: string) => void
  /** `file` will be a link to `target`, both below the root. */
  readonly link: (file: string, target: string) => void
  /** Writes, formats, records the migrations, and renews the documents that are made from code. Returns the files, sorted. */
  readonly commit: () => readonly string[]
}

/** Finds the tree that a folder is in. Throws a `Stop` outside of one. */
export const openTree = (from: string): Tree => {
  const root = rootOf(from)
  const changed = new Map<string, string>()
  const links = new Map<string, string>()
  return {
    root,
    has: (file) => changed.has(file) || existsSync(join(root, file)),
    list: (folder) => {
      const there = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []
      const planned = [...changed.keys()].filter((file) => dirname(file) === folder).map((file) => basename(file))
      return [...new Set([...there, ...planned])].toSorted()
    },
    read: (file) => changed.get(file) ?? readFileSync(join(root, file), 'utf8'),
    write: (file, text) => void changed.set(file, text),
    link: (file, target) => void links.set(file, target),
    commit: () => {
      for (const [file, text] of changed) {
        mkdirSync(join(root, dirname(file)), { recursive: true })
        writeFileSync(join(root, file), text)
      }
      for (const [file, target] of links) {
        mkdirSync(join(root, dirname(file)), { recursive: true })
        rmSync(join(root, file), { force: true })
        symlinkSync(relative(dirname(file), target), join(root, file))
      }
      const code = [...changed.keys()].filter((file) => file.endsWith('.ts'))
      run(root, join(root, 'node_modules/.bin/oxfmt'), code)
      run(root, process.execPath, ['scripts/migrations.ts', '--record'])
      run(root, process.execPath, ['test/docs/write.ts'])
      return [...changed.keys()].filter((file) => !file.startsWith('node_modules/')).toSorted()
    },
  }
}

const rootOf = (from: string): string => {
  for (let at = from; ; at = dirname(at)) {
    if (isRoot(at)) return at
    if (at === dirname(at)) break
  }
  throw new Stop(`${from} is not in the source tree: argosy new writes source files`, {
    fix: 'cd into a clone of the repository, npm ci, and again',
    exitCode: exitCode.usage,
  })
}

const isRoot = (folder: string): boolean =>
  existsSync(join(folder, 'contracts/services.ts')) && existsSync(join(folder, 'node_modules/.bin/oxfmt'))

const run = (root: string, program: string, args: readonly string[]): void => {
  const { status, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Stop(`${program} ${args.join(' ')} failed: ${stderr}`, { cause: error })
}
