import { access, constants, stat, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { readSettings } from '../settings.ts'
import type { Check, Finding } from './check.ts'

const GIBIBYTE = 2 ** 30

/** The data folder: may it be written, and is there room. */
export const checkFolder: Check = async (env) => {
  const folder = resolve(readSettings(env).DATA_DIR)
  const existing = await nearestExisting(folder)
  return [await writable(folder, existing), await room(existing)]
}

const writable = async (folder: string, existing: string): Promise<Finding> => {
  const name = 'data folder'
  const state = existing === folder ? 'is there' : 'will be made at the first start'
  try {
    await access(existing, constants.W_OK | constants.X_OK)
    return { name, verdict: 'ok', found: `${folder} ${state}` }
  } catch {
    return {
      name,
      verdict: 'broken',
      found: `${existing} may not be written by this user`,
      fix: 'set DATA_DIR to a folder of your own',
    }
  }
}

const room = async (existing: string): Promise<Finding> => {
  const { bavail, bsize } = await statfs(existing)
  const free = (bavail * bsize) / GIBIBYTE
  const found = `${free.toFixed(1)} GiB free`
  if (free >= 1) return { name: 'disk', verdict: 'ok', found }
  return { name: 'disk', verdict: free < 0.1 ? 'broken' : 'warning', found, fix: 'free some space, or move DATA_DIR' }
}

const nearestExisting = async (path: string): Promise<string> => {
  const there = await stat(path).then(
    () => true,
    () => false,
  )
  return there || path === dirname(path) ? path : nearestExisting(dirname(path))
}
