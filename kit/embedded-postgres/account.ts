import { lchownSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'

/** The user that the server runs as; PostgreSQL refuses to run as root. */
export type Account = { readonly uid: number; readonly gid: number }

/** A program and how to run it as an account. */
export type Run = { readonly file: string; readonly args: readonly string[]; readonly as: Partial<Account> }

const NOBODY: Account = { uid: 65_534, gid: 65_534 }

/** The account for a data folder: its owner's, nobody's instead of root's, and our own (undefined) unless we are root. */
export const accountFor = (dir: string): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const owner = statSync(dir, { throwIfNoEntry: false })
  return owner === undefined || owner.uid === 0 ? NOBODY : { uid: owner.uid, gid: owner.gid }
}

/** Gives a folder and all that is in it to the account. */
export const giveTo = (account: Account | undefined, dir: string): void => {
  if (account === undefined) return
  for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(dir, entry), account.uid, account.gid)
  }
  lchownSync(dir, account.uid, account.gid)
}

/**
 * How to run a program as the account. Where a folder on the way to it or to the data is closed to other users, as `/root`
 * often is, the program keeps root's right to pass (Linux: `setpriv`), and nothing else of root's.
 */
export const runAs = (account: Account | undefined, file: string, args: readonly string[], dir: string): Run => {
  if (account === undefined) return { file, args, as: {} }
  if (process.platform !== 'linux' || (isOpenToAll(file) && isOpenToAll(dir))) return { file, args, as: account }
  const rights = ['--clear-groups', '--inh-caps=+dac_override', '--ambient-caps=+dac_override']
  const ids = ['--reuid', String(account.uid), '--regid', String(account.gid)]
  return { file: 'setpriv', args: [...ids, ...rights, '--', file, ...args], as: {} }
}

/** Whether every folder above `path` lets other users pass. */
const isOpenToAll = (path: string): boolean => {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
