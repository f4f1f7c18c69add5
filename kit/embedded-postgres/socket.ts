import { createHash } from 'node:crypto'
import { chownSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { accountFor } from './account.ts'
import { EmbeddedFailure } from './failure.ts'

/** The longest name of a socket that every system takes (macOS: 104 bytes with the end). */
const SOCKET_LENGTH = 103
const SOCKET = '.s.PGSQL.5432'

/**
 * Where a server on this folder puts its socket: in the folder, which nobody else can enter, if the path is short enough;
 * otherwise in one of its own, made here unless it is there.
 */
export const socketFolder = (dir: string): string => {
  const folder = nameFor(dir)
  if (folder === dir) return dir
  const own = process.getuid?.()
  const account = accountFor(dir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  // Everybody may make folders there: one that somebody else has made must not come between us and the server.
  if (!found.isDirectory() || (found.mode & 0o077) !== 0 || (found.uid !== own && found.uid !== account?.uid)) {
    const fix = 'remove it, or choose a data folder with a shorter path'
    throw new EmbeddedFailure(`${folder}, where the socket for ${dir} has to be, is not ours alone: ${fix}`)
  }
  if (account !== undefined && found.uid !== account.uid) chownSync(folder, account.uid, account.gid)
  return folder
}

/** Removes what `socketFolder` has made. A server that somebody started by hand may have its socket anywhere. */
export const removeSocketFolder = (dir: string, used: string): void => {
  if (used !== dir && used === nameFor(dir)) rmSync(used, { recursive: true, force: true })
}

/** The same for every start on the folder, so that what a killed one leaves is found by the next. */
const nameFor = (dir: string): string => {
  if (Buffer.byteLength(join(dir, SOCKET)) <= SOCKET_LENGTH) return dir
  return join(tmpdir(), `argosy-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`)
}
