// Loaded before a program by `node --import <this file>?defect=<name>[+<name>…]`: the files that the defect names are read with its
// change. Production code knows nothing of this. A change that does not fit any more stops the program: a defect that is not
// there would be caught by nobody and prove nothing.
import fs from 'node:fs'
import { registerHooks, syncBuiltinESMExports } from 'node:module'
import { fileURLToPath } from 'node:url'
import { LEGAL, type Change } from './defect.ts'
import { defects } from './defects.ts'

const names = new URL(import.meta.url).searchParams.get('defect')?.split('+') ?? []
const changes = names.flatMap((name): readonly Change[] => {
  if (name === 'twice' || name === 'slow') return LEGAL[name]
  const defect = defects[name]
  if (defect === undefined) throw new Error(`there is no defect ${name}`)
  return defect.changes
})

const changed = (path: string, text: string): string => {
  let result = text
  for (const { file, from, to } of changes) {
    if (!path.endsWith(`/${file}`)) continue
    if (!result.includes(from)) throw new Error(`the defect does not fit: ${file} has no ${JSON.stringify(from)}`)
    result = result.replaceAll(from, to)
  }
  return result
}

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context)
    if (loaded.source === undefined || loaded.source === null || !url.endsWith('.ts')) return loaded
    const source = loaded.source
    const text = typeof source === 'string' ? source : new TextDecoder().decode(source)
    const result = changed(fileURLToPath(url), text)
    return result === text ? loaded : { ...loaded, source: result }
  },
})

const { readFileSync } = fs
fs.readFileSync = ((file: fs.PathOrFileDescriptor, options?: any) => {
  const content = readFileSync(file, options)
  const path = file instanceof URL ? fileURLToPath(file) : String(file)
  return typeof content === 'string' && path.endsWith('.sql') ? changed(path, content) : content
}) as typeof readFileSync
syncBuiltinESMExports()
