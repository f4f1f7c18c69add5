// The .proto files declare the procedures: the TypeScript beside them is made from them, and the last release must be
// able to call and answer by them. `npm run check:procedures`; with --write, the TypeScript is made; with --release,
// what is there now becomes the last release's.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { typesOf } from './proto-types.ts'
import { brokenWire, wireOf } from './proto-wire.ts'
import { readProto } from './proto.ts'
import type { Proto } from './proto.ts'

const FOLDER = fileURLToPath(new URL('../contracts/proto/', import.meta.url))
const RELEASED = fileURLToPath(new URL('released-procedures.txt', import.meta.url))

const names = globSync('*.proto', { cwd: FOLDER })
  .map((file) => basename(file, '.proto'))
  .sort()
const protos = names.map((name) => [name, readNamed(name)] as const)
const all = protos.map(([, proto]) => proto)
const typesFile = (name: string): string => join(FOLDER, `${name}.ts`)

if (process.argv.includes('--release')) writeFileSync(RELEASED, `${wireOf(all).toSorted().join('\n')}\n`)
else if (process.argv.includes('--write'))
  for (const [name, proto] of protos) writeFileSync(typesFile(name), typesOf(name, proto))
else check()

function readNamed(name: string): Proto {
  try {
    return readProto(readFileSync(join(FOLDER, `${name}.proto`), 'utf8'))
  } catch (error) {
    throw new Error(`contracts/proto/${name}.proto cannot be used`, { cause: error })
  }
}

function check(): void {
  const released = readFileSync(RELEASED, 'utf8').trim().split('\n')
  const stale = protos.filter(([name, proto]) => textOf(typesFile(name)) !== typesOf(name, proto))
  const complaints = [
    ...stale.map(
      ([name]) => `contracts/proto/${name}.ts is not what ${name}.proto says: npm run check:procedures -- --write`,
    ),
    ...brokenWire(all, released).map(
      (line) => `the last release has "${line}": keep it; what is new gets a new number or a new method`,
    ),
  ]
  for (const complaint of complaints) console.log(complaint)
  console.log(
    `${names.length} .proto files, ${released.length} lines of the last release, ${complaints.length} complaints`,
  )
  process.exitCode = complaints.length === 0 && names.length > 0 ? 0 : 1
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (Object(error).code === 'ENOENT') return undefined
    throw error
  }
}
