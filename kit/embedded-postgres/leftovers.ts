import { readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { isAlive } from './alive.ts'

/** What is half-made stands beside its place, under a name that says who makes it, until it is renamed. */
export const halfMade = (path: string, what: 'new' | 'restore' | 'part'): string => `${path}.${what}-${process.pid}`

/** An initdb that has just ended, or has outlived its starter, may still be writing there. */
export const removeHalfMade = (path: string): void =>
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })

/** Removes what processes have left half-made beside `path` that were killed meanwhile. */
export const removeLeftovers = (path: string): void => {
  const folder = dirname(path)
  for (const name of namesIn(folder)) {
    if (!name.startsWith(`${basename(path)}.`)) continue
    const pid = /\.(?:new|restore|part)-(\d+)$/.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    try {
      removeHalfMade(join(folder, name))
    } catch {
      // The next start tries again.
    }
  }
}

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
