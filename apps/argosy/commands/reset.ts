import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { findPostmaster } from '@kit/embedded-postgres/folder'
import { isAlive } from '@kit/embedded-postgres/alive'
import { stopUnused } from '@kit/embedded-postgres/embedded'
import type { Command } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import { readSettings } from '../settings.ts'

/** Removes the data folder, and only what is one. */
export const reset: Command = {
  usage: ['--yes'],
  options: { yes: { type: 'boolean' } },
  help: [['--yes', 'really remove it']],
  run: async ({ env, values, json, terminal }) => {
    const folder = resolve(readSettings(env).DATA_DIR)
    if (!existsSync(folder)) {
      terminal.say(`${folder} is not there: nothing to remove`)
      if (json) terminal.printJson({ removed: null })
      return exitCode.ok
    }
    await requireOurs(folder)
    if (values['yes'] !== true) {
      throw new Stop(`this would remove ${folder} and all data in it`, {
        fix: 'argosy reset --yes',
        exitCode: exitCode.usage,
      })
    }
    await requireStopped(folder)
    // Whatever the last processes of a killed server still write there.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    terminal.say(`removed ${folder}`)
    if (json) terminal.printJson({ removed: folder })
    return exitCode.ok
  },
}

/** DATA_DIR=/ or DATA_DIR=$HOME must not cost anyone their files. */
const requireOurs = async (folder: string): Promise<void> => {
  const entries = await readdir(folder)
  const foreign = entries.filter((entry) => !OURS.test(entry))
  const hasDatabase = existsSync(join(folder, 'pg', 'PG_VERSION'))
  // Without a database: what a start has left that was killed while it made one.
  if (foreign.length === 0 && (hasDatabase || !entries.includes('pg'))) return
  if (hasDatabase) {
    throw new Stop(`${folder} also holds ${foreign.slice(0, 3).join(', ')}, which Argosy did not put there`, {
      fix: `remove ${join(folder, 'pg')} by hand`,
    })
  }
  throw new Stop(`${folder} does not look like a data folder of Argosy`, { fix: 'set DATA_DIR to the one you mean' })
}

/** The database, and what restores and killed starts leave beside it. */
const OURS = /^pg(?:\.(?:before|new|restore)-\w+)?$/

/** A killed shop leaves its server running, which is stopped. One that others use is theirs. */
const requireStopped = async (folder: string): Promise<void> => {
  const entries = await readdir(folder)
  const makers = entries.flatMap((entry) => /^pg\.(?:new|restore)-(\d+)$/.exec(entry)?.[1] ?? []).map(Number)
  const maker = makers.find(isAlive)
  const fix = 'stop argosy first (Ctrl-C)'
  if (maker !== undefined) throw new Stop(`argosy makes the database in ${folder} right now (pid ${maker})`, { fix })
  const pg = join(folder, 'pg')
  if (await stopUnused(pg)) return
  throw new Stop(`the database in ${folder} is running (pid ${findPostmaster(pg)?.pid})`, { fix })
}
