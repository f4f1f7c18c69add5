import { pathToFileURL } from 'node:url'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testServer } from '@kit/embedded-postgres/test-server'
import { scratchDatabase } from '@kit/migrations/template'
import { openDatabase, type OpenDatabase } from './database.ts'
import type { Statement } from './statement.ts'

/** For tests of this folder: a database with one service, `till`, whose schema the given SQL makes. */
export const till = async (
  schema: string,
  max = 4,
): Promise<AsyncDisposable & { readonly db: OpenDatabase; readonly url: string }> => {
  const owned = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'argosy-till-'))
  writeFileSync(join(folder, '0001-till.sql'), schema)
  const schemas = [{ name: 'till', folders: [pathToFileURL(`${folder}/`)] }]
  const { url } = owned.use(await scratchDatabase({ url: await testServer(), schemas }))
  rmSync(folder, { recursive: true })
  const db = owned.use(openDatabase({ url, service: 'till', max }))
  return { db, url, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

let names = 0

/** A statement that needs no file of its own. */
export const inline = <Row = never>(text: string): Statement<Row> => ({ name: `test ${++names}`, text })
