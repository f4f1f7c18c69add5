import { resolve } from 'node:path'
import { checkBackup, isUsed, restore as makeFolder } from '@kit/embedded-postgres/backup/restore'
import type { Command } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import { wrongForm } from '../command-line/wrong-form.ts'
import { embeddedFolder } from '../embedded-folder.ts'
import { databaseUrl, readSettings } from '../settings.ts'
import { bytes } from '../terminal/terminal.ts'

const INSTEAD = 'unpack a base backup, or pg_restore a dump, as docs/guide/backup-and-restore.md says'

/** Makes the data folder from a backup, or only looks whether the backup is whole. */
export const restore: Command = {
  usage: ['<file> [--yes]', '<file> --check'],
  options: { yes: { type: 'boolean' }, check: { type: 'boolean' } },
  help: [
    ['--yes', 'a database that is there is moved away, to <folder>.before-<time>'],
    ['--check', 'only read it to its end and say whether it is whole'],
  ],
  run: async ({ env, positionals, values, json, terminal, signal }) => {
    const [name, more] = positionals
    if (name === undefined || more !== undefined) throw wrongForm('restore', restore)
    const file = resolve(name)
    if (values['check'] === true) {
      const found = await checkBackup(file, signal)
      if (json) terminal.printJson({ file, ...found })
      else terminal.say(`${file} is whole: ${bytes(found.bytes)}, of ${found.at.toISOString()}`)
      return exitCode.ok
    }
    const dir = embeddedFolder(databaseUrl(readSettings(env)), 'restored', INSTEAD)
    const aside = values['yes'] === true ? `${dir}.before-${stamp(new Date())}` : undefined
    if (aside === undefined && isUsed(dir))
      throw new Stop(`${dir} is not empty`, { fix: `argosy restore ${name} --yes moves it to ${dir}.before-<time>` })
    const restored = await makeFolder({ file, dir, signal, ...(aside !== undefined && { aside }) })
    if (json) terminal.printJson({ dir, ...restored, before: restored.moved ? aside : null })
    else {
      if (restored.moved) terminal.say(`what was there is in ${aside}`)
      terminal.say(`${dir} is as it was at ${restored.at.toISOString()}: ${bytes(restored.bytes)}. Next: argosy start`)
    }
    return exitCode.ok
  },
}

/** 20261127T121618Z: sorts, and needs no quotes. */
const stamp = (at: Date): string => at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '') + 'Z'
