// The whole shop in one process, on a PostgreSQL that is not its own, with mail through a real server.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { assertLaws } from './law-check.ts'
import { haste, open, scenes } from './scenario.ts'
import { startMailServer } from './smtp-server.ts'

for (const together of ['on', 'sometimes', 'off']) {
  test(`one process, its services together: ${together}`, { timeout: 240_000 }, async (t) => {
    await using owned = new AsyncDisposableStack()
    const dataDir = mkdtempSync(join(tmpdir(), 'argosy-one-'))
    owned.defer(() => rmSync(dataDir, { recursive: true, force: true }))
    const databaseUrl = await freshDatabase(clusterUrl(), `argosy_one_${together}`)
    const mail = owned.use(await startMailServer())
    const env = { DATABASE_URL: databaseUrl, SMTP_URL: mail.url, TOGETHER: together, ...haste }
    const fleet = owned.use(await FleetProcess.start({ dataDir, env, patience: 90_000 }))
    const accepted: string[] = []
    const actors = await open({ url: fleet.url, mailTo: mail.to, accepted })
    for (const [name, play] of scenes) await t.test(name, () => play(actors))
    await t.test('the mail server turned each address away at first', () => assert.ok(mail.deferred() >= 2))
    await t.test('the laws hold', () => assertLaws(databaseUrl, accepted))
  })
}
