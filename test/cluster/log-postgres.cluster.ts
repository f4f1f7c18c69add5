// What every log promises, kept by the one that is PostgreSQL's outbox, on a server of this file's own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { forget, over } from '@kit/log/postgres/housekeeping'
import { openSession } from '@kit/postgres/session'
import { freezeServer } from '../faults/frozen-server.ts'
import type { Ground } from './log/ground.ts'
import { promises, promisesTogether } from './log/promises.ts'
import { startStockPostgres } from './postgres.ts'

test('postgres keeps what a log promises', { timeout: 600_000 }, async (t) => {
  await using ground = await openGround()
  for (const [promise, keep] of promises) await t.test(promise, { timeout: 120_000 }, () => keep(ground))
})

for (const together of ['on', 'sometimes'] as const) {
  test(
    `so it does while groups hand on what they have for each other, ${together}`,
    { timeout: 600_000 },
    async (t) => {
      await using ground = await openGround()
      for (const [promise, keep] of promisesTogether)
        await t.test(promise, { timeout: 120_000 }, () => keep({ ...ground, together }))
    },
  )
}

const openGround = async (): Promise<Ground> => {
  const dir = mkdtempSync(join(tmpdir(), 'argosy-log-'))
  const server = await startStockPostgres(join(dir, 'postgres'))
  return {
    name: 'postgres',
    logUrl: 'postgres:',
    databaseUrl: server.url,
    kill: server.kill,
    run: server.run,
    freeze: () => freezeServer(server.postmaster()),
    forget: async (url, group) => {
      await using session = await openSession(url)
      await forget(over(session), group)
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
