import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EmbeddedFailure } from '../failure.ts'
import { MANIFEST } from './manifest.ts'

/** The file that says where recovery begins; copied after all others. */
export const CONTROL = 'global/pg_control'

/** Folders that a server makes anew, or that are copied on their own: they are kept, and what is in them is not. */
const EMPTY = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
])

/** As PostgreSQL's own base backup leaves them out; and the log, which is the launcher's. */
const LEFT_OUT = new Set([
  CONTROL,
  'backup_label',
  'backup_label.old',
  'tablespace_map',
  'tablespace_map.old',
  MANIFEST,
  'postmaster.pid',
  'postmaster.opts',
  'postgresql.auto.conf.tmp',
  'current_logfiles',
  'current_logfiles.tmp',
  'server.log',
])

/** Sockets, caches and temporary tables. */
const PASSING = /^(?:\.s\.PGSQL\.|pg_internal\.init|pgsql_tmp|t\d+_\d+)/

export type Found = { readonly path: string; readonly isFolder: boolean }

/** What a backup copies of a data folder, folders before what is in them. Files may vanish while they are listed. */
export async function* dataFilesOf(dir: string, below = ''): AsyncGenerator<Found> {
  for (const entry of await entriesIn(join(dir, below))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (LEFT_OUT.has(path) || PASSING.test(entry.name)) continue
    if (EMPTY.has(path)) {
      yield { path, isFolder: true }
    } else if (entry.isDirectory()) {
      yield { path, isFolder: true }
      yield* dataFilesOf(dir, path)
    } else if (entry.isFile()) {
      yield { path, isFolder: false }
    } else {
      const fix = 'use pg_basebackup of PostgreSQL 18 (docs/guide/backup-and-restore.md)'
      throw new EmbeddedFailure(`${join(dir, path)} leads out of the data folder and cannot be backed up: ${fix}`)
    }
  }
}

const entriesIn = async (folder: string): Promise<readonly Dirent[]> => {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    // A database was dropped.
    if (Object(error).code === 'ENOENT') return []
    throw error
  }
}
