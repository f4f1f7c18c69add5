import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { askEveryOperation } from './every-operation.ts'
import { ownJwk } from './tokens.ts'

askEveryOperation(async () => {
  const owned = new AsyncDisposableStack()
  const dataDir = mkdtempSync(join(tmpdir(), 'argosy-bad-'))
  owned.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const env = { JWT_PRIVATE_KEY: ownJwk() }
  const fleet = owned.use(await FleetProcess.start({ dataDir, env, patience: 60_000 }))
  const postgres = owned.use(await startEmbedded({ dir: join(dataDir, 'pg') }))
  const dispose = () => owned.disposeAsync()
  return { url: fleet.url, databaseUrl: postgres.url, log: () => fleet.log, [Symbol.asyncDispose]: dispose }
})
