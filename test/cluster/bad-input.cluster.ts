// The same wrong questions, with a process between the caller and whoever judges them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askEveryOperation } from '../bad-input/every-operation.ts'
import { ownJwk } from '../bad-input/tokens.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { ProcessFleet } from './process-fleet.ts'

askEveryOperation(async () => {
  const owned = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'argosy-asked-'))
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_asked')
  const fleet = owned.use(await ProcessFleet.start({ dir, databaseUrl, env: { JWT_PRIVATE_KEY: ownJwk() } }))
  return { url: fleet.url, databaseUrl, log: () => fleet.log, [Symbol.asyncDispose]: () => owned.disposeAsync() }
})
