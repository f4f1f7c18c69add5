import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import { halfMade, removeLeftovers } from '../leftovers.ts'
import { CONTROL, dataFilesOf } from './data-files.ts'
import { MANIFEST, manifestOf, type Listed } from './manifest.ts'
import { goOnline, type Online } from './online.ts'
import { headerOf, paddingOf, TAIL } from './tar.ts'

export type BackupOptions = {
  /** The data folder, and a URL of a database in it. */
  readonly dir: string
  readonly url: string
  /** Where the backup goes; it appears there once it is whole. */
  readonly file: string
  readonly signal: AbortSignal
  /** Is told of the bytes that were copied so far. */
  readonly progress?: (bytes: number) => void
}

export type Backup = { readonly files: number; readonly bytes: number; readonly packed: number }

/**
 * Copies the data folder of a running server into one compressed archive, with the write-ahead log that makes the copy consistent:
 * the restored database is that of the moment at which the backup ended. The shop goes on meanwhile.
 */
export const backUp = async ({ dir, url, file, signal, progress }: BackupOptions): Promise<Backup> => {
  removeLeftovers(file)
  const part = halfMade(file, 'part')
  const listed: Listed[] = []
  await using online = await goOnline(url)
  try {
    const archive = Readable.from(archiveOf(dir, online, listed, progress), { objectMode: false })
    // The least that compression can do: the shop wants the processor.
    const gzip = createGzip({ level: constants.Z_BEST_SPEED })
    // It holds everything that the shop knows, its keys included.
    await pipeline(archive, gzip, createWriteStream(part, { mode: 0o600, flush: true }), { signal })
    await rename(part, file)
    await sync(dirname(file))
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  const bytes = listed.reduce((sum, { size }) => sum + size, 0)
  return { files: listed.length, bytes, packed: (await stat(file)).size }
}

async function* archiveOf(
  dir: string,
  online: Online,
  listed: Listed[],
  progress: BackupOptions['progress'],
): AsyncGenerator<Buffer> {
  let copied = 0
  const copy = async function* (path: string): AsyncGenerator<Buffer> {
    for await (const piece of fileOf(dir, path, listed)) {
      yield piece
      progress?.((copied += piece.length))
    }
  }
  for await (const { path, isFolder } of dataFilesOf(dir)) {
    if (isFolder) yield headerOf({ path, size: 0, mtime: MADE_HERE, isFolder })
    else yield* copy(path)
  }
  for (const path of ['pg_wal/archive_status', 'pg_wal/summaries'])
    yield headerOf({ path, size: 0, mtime: MADE_HERE, isFolder: true })
  yield* textOf(CONTROL, await control(dir), listed)
  const { label, segments, system, timeline, start, end } = await online.stop()
  yield* textOf('backup_label', Buffer.from(label), listed)
  const histories = (await readdir(join(dir, 'pg_wal'))).filter((name) => name.endsWith('.history'))
  for (const name of [...histories, ...segments]) yield* copy(`pg_wal/${name}`)
  yield* textOf(MANIFEST, Buffer.from(manifestOf({ system, files: listed, wal: { timeline, start, end } })), [])
  yield TAIL
}

const PIECE = 256 * 1_024
/** The time of what is no file of the server's: it has none. */
const MADE_HERE = 0

/**
 * A file as long as it was when it was opened. What the server adds, cuts off or changes meanwhile is in the write-ahead log, from
 * which recovery makes it whole; a file that is gone is gone there, too.
 */
async function* fileOf(dir: string, path: string, listed: Listed[]): AsyncGenerator<Buffer> {
  const file = await open(join(dir, path)).catch((error: unknown) => {
    if (Object(error).code === 'ENOENT' && !path.startsWith('pg_wal/')) return undefined
    throw error
  })
  if (file === undefined) return
  try {
    const { size, mtimeMs: mtime } = await file.stat()
    const hash = createHash('sha256')
    yield headerOf({ path, size, mtime, isFolder: false })
    for (let at = 0; at < size;) {
      const room = Buffer.alloc(Math.min(PIECE, size - at))
      const { bytesRead } = await file.read(room, 0, room.length, at)
      // Cut off meanwhile: zeros take the place of what is gone.
      const piece = bytesRead === 0 ? room : room.subarray(0, bytesRead)
      hash.update(piece)
      at += piece.length
      yield piece
    }
    yield paddingOf(size)
    listed.push({ path, size, mtime, checksum: hash.digest('hex') })
  } finally {
    await file.close()
  }
}

function* textOf(path: string, content: Buffer, listed: Listed[]): Generator<Buffer> {
  const mtime = MADE_HERE
  yield headerOf({ path, size: content.length, mtime, isFolder: false })
  yield content
  yield paddingOf(content.length)
  listed.push({ path, size: content.length, mtime, checksum: createHash('sha256').update(content).digest('hex') })
}

/** It may be read while it is written: what is read twice alike is whole. */
const control = async (dir: string): Promise<Buffer> => {
  for (let last = await readFile(join(dir, CONTROL)); ;) {
    const again = await readFile(join(dir, CONTROL))
    if (again.equals(last)) return again
    last = again
  }
}

const sync = async (folder: string): Promise<void> => {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
