import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { backUp } from '@kit/embedded-postgres/backup/backup'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import type { Command } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import { wrongForm } from '../command-line/wrong-form.ts'
import { embeddedFolder } from '../embedded-folder.ts'
import { databaseUrl, readSettings } from '../settings.ts'
import { bytes, duration } from '../terminal/terminal.ts'

/** What is said of a server that does not come along. It has tools of its own, and they know it better. */
const INSTEAD =
  'pg_basebackup --dbname "$DATABASE_URL" --pgdata ./backup --format tar --gzip --wal-method fetch ' +
  "(as a user with REPLICATION), or your provider's backups; docs/guide/backup-and-restore.md"

/** Copies the embedded database into one file, while the shop sells or rests. */
export const backup: Command = {
  usage: ['<file>'],
  help: [['<file>', 'where it goes, like argosy-2026-11-27.tar.gz; it must not be there yet']],
  run: async ({ env, positionals, json, terminal, signal }) => {
    const [name, more] = positionals
    if (name === undefined || more !== undefined) throw wrongForm('backup', backup)
    const dir = embeddedFolder(databaseUrl(readSettings(env)), 'backed up', INSTEAD)
    const file = resolve(name)
    if (existsSync(file)) throw new Stop(`${file} is there already`, { fix: 'name another file' })
    if (!existsSync(dir))
      throw new Stop(`there is no shop in ${dir} yet`, { fix: 'set DATA_DIR to the folder you mean' })
    const began = performance.now()
    await using server = await startEmbedded({ dir })
    let told = began
    const done = await backUp({
      dir,
      url: server.url,
      file,
      signal,
      progress: (copied) => {
        if (performance.now() - told < 1_000) return
        told = performance.now()
        terminal.say(`  ${bytes(copied)} copied`)
      },
    })
    const ms = performance.now() - began
    if (json) terminal.printJson({ file, ...done, ms: Math.round(ms) })
    else terminal.say(`${file}: ${bytes(done.bytes)} in ${bytes(done.packed)}, ${duration(ms)}`)
    return exitCode.ok
  },
}
