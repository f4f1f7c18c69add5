import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { testServer } from '@kit/embedded-postgres/test-server'
import { scratchDatabase, type ScratchDatabase } from './template.ts'

/** Folders of migrations that a test writes. */
export type Scratch = Disposable & {
  readonly write: (place: string, text: string) => void
  readonly folder: (name: string) => URL
}

export const scratch = (): Scratch => {
  const root = mkdtempSync(join(tmpdir(), 'argosy-migrate-'))
  return {
    write: (place, text) => {
      mkdirSync(join(root, place, '..'), { recursive: true })
      writeFileSync(join(root, place), text)
    },
    folder: (name) => pathToFileURL(`${join(root, name)}/`),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  }
}

/** A database without a schema. */
export const empty = async (): Promise<ScratchDatabase> => scratchDatabase({ url: await testServer(), schemas: [] })
