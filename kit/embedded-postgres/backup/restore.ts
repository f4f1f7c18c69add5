import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { mkdir, open, rename, rm, rmdir, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { accountFor, giveTo } from '../account.ts'
import { EmbeddedFailure } from '../failure.ts'
import { stopUnused } from '../embedded.ts'
import { findPostmaster, VERSION } from '../folder.ts'
import { halfMade, removeLeftovers } from '../leftovers.ts'
import { CONTROL } from './data-files.ts'
import { MANIFEST, readManifest, type Listed } from './manifest.ts'
import { NoArchive, readTar, type ReadEntry } from './tar.ts'

/** What a backup holds, and of when it is. */
export type Held = { readonly files: number; readonly bytes: number; readonly at: Date }

/** Reads a backup to its end and checks every file of it; writes nothing. Throws EmbeddedFailure. */
export const checkBackup = (file: string, signal: AbortSignal): Promise<Held> => unpack(file, undefined, signal)

export type RestoreOptions = {
  readonly file: string
  /** The data folder: absent or empty, unless there is a place for it. */
  readonly dir: string
  /** Where a folder that is there goes. */
  readonly aside?: string
  readonly signal: AbortSignal
}

/**
 * Makes a data folder from a backup. It is made beside its place and takes it once all of it is written and checked; until then,
 * and when anything is wrong, nothing is changed. Throws EmbeddedFailure.
 */
export const restore = async ({
  file,
  dir,
  aside,
  signal,
}: RestoreOptions): Promise<Held & { readonly moved: boolean }> => {
  // What a killed shop has left behind is no obstacle.
  await stopUnused(dir)
  requireFree(dir, aside)
  removeLeftovers(dir)
  const fresh = halfMade(dir, 'restore')
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { recursive: true, mode: 0o700 })
  try {
    const held = await unpack(file, fresh, signal)
    giveTo(accountFor(existsSync(dir) ? dir : dirname(dir)), fresh)
    requireFree(dir, aside)
    return { ...held, moved: await takePlace(fresh, dir, aside) }
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    throw error
  }
}

const requireFree = (dir: string, aside: string | undefined): void => {
  const server = findPostmaster(dir)
  if (server !== undefined) throw new EmbeddedFailure(`${dir} is in use (process ${server.pid}): stop the shop first`)
  if (aside === undefined && isUsed(dir))
    throw new EmbeddedFailure(`${dir} is not empty: name another folder, or let it be moved away`)
}

/** Whether there is something where the data folder goes. */
export const isUsed = (dir: string): boolean => existsSync(dir) && readdirSync(dir).length > 0

/** Whether something was there, and has been moved away. */
const takePlace = async (fresh: string, dir: string, aside: string | undefined): Promise<boolean> => {
  const moved = aside !== undefined && isUsed(dir) ? aside : undefined
  if (moved !== undefined) await rename(dir, moved)
  else if (existsSync(dir)) await rmdir(dir)
  try {
    await rename(fresh, dir)
  } catch (error) {
    if (moved !== undefined) await rename(moved, dir)
    throw error
  }
  return moved !== undefined
}

/** Reads the archive, writes it into the folder if one is given, and compares all with the list that it ends with. */
const unpack = async (file: string, dir: string | undefined, signal: AbortSignal): Promise<Held> => {
  const found: Listed[] = []
  const texts = new Map<string, string>()
  try {
    const unpacked = createGunzip()
    const archive = createReadStream(file, { signal }).on('error', (error) => unpacked.destroy(error))
    for await (const entry of readTar(archive.pipe(unpacked))) {
      if (!entry.isFolder) found.push(await take(entry, dir, texts))
      else if (dir !== undefined) await mkdir(join(dir, entry.path), { recursive: true, mode: 0o700 })
    }
  } catch (error) {
    throw signal.aborted ? error : explained(file, error)
  }
  return verified(file, found, texts)
}

/** Small files that are read here as well. */
const READ = new Set([MANIFEST, 'PG_VERSION', 'backup_label'])

const take = async (entry: ReadEntry, dir: string | undefined, texts: Map<string, string>): Promise<Listed> => {
  const { path, size, mtime } = entry
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  if (dir !== undefined) await mkdir(dirname(join(dir, path)), { recursive: true, mode: 0o700 })
  const to = dir === undefined ? undefined : await open(join(dir, path), 'wx', 0o600)
  try {
    for await (const piece of entry.content) {
      hash.update(piece)
      if (READ.has(path)) kept.push(piece)
      await to?.writeFile(piece)
    }
  } finally {
    await to?.close()
  }
  if (dir !== undefined) await utimes(join(dir, path), mtime / 1_000, mtime / 1_000)
  if (READ.has(path)) texts.set(path, Buffer.concat(kept).toString())
  return { path, size, mtime, checksum: hash.digest('hex') }
}

/** Every file that the list names is there as it was, and no other. */
const verified = (file: string, found: readonly Listed[], texts: ReadonlyMap<string, string>): Held => {
  const listed = readManifest(texts.get(MANIFEST) ?? '')
  if (listed === undefined) throw damaged(file, `its list of files, ${MANIFEST}, is missing or altered`)
  const files = new Map(found.filter(({ path }) => path !== MANIFEST).map((one) => [one.path, one]))
  for (const { path, size, checksum } of listed) {
    const one = files.get(path)
    if (one?.size !== size || one.checksum !== checksum) throw damaged(file, `${path} is missing or altered`)
  }
  if (files.size !== listed.length) throw damaged(file, 'it holds files that its list does not name')
  for (const path of ['PG_VERSION', 'backup_label', CONTROL])
    if (!files.has(path)) throw damaged(file, `${path} is missing`)
  const version = texts.get('PG_VERSION')?.trim()
  if (version !== VERSION)
    throw new EmbeddedFailure(
      `${file} is a backup of PostgreSQL ${version}, not ${VERSION}: restore it with that version`,
    )
  const bytes = listed.reduce((sum, { size }) => sum + size, 0)
  return { files: listed.length, bytes, at: new Date(files.get('backup_label')?.mtime ?? 0) }
}

const damaged = (file: string, why: string, cause?: unknown): EmbeddedFailure =>
  new EmbeddedFailure(`${file} is no whole backup: ${why}. Nothing was changed; use another one`, { cause })

const explained = (file: string, error: unknown): unknown => {
  const code = String(Object(error).code)
  if (error instanceof NoArchive) return damaged(file, error.message, error)
  if (code === 'Z_BUF_ERROR') return damaged(file, 'it ends too early', error)
  if (code === 'Z_DATA_ERROR') return damaged(file, 'it is no archive, or was altered', error)
  if (code === 'ENOENT') return new EmbeddedFailure(`there is no file ${file}`, { cause: error })
  return error
}
