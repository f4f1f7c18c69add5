// What every log promises, kept by Kafka, on a broker and a PostgreSQL of this file's own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Admin } from '@platformatic/kafka'
import { forget, over } from '@kit/log/postgres/housekeeping'
import { openSession } from '@kit/postgres/session'
import { Kafka } from './kafka.ts'
import type { Ground } from './log/ground.ts'
import { promises } from './log/promises.ts'
import { startStockPostgres } from './postgres.ts'

test('Kafka keeps what a log promises', { timeout: 900_000 }, async (t) => {
  await using ground = await openGround()
  for (const [promise, keep] of promises) await t.test(promise, { timeout: 150_000 }, () => keep(ground))
})

const openGround = async (): Promise<Ground> => {
  await using opening = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'argosy-log-'))
  opening.defer(() => rmSync(dir, { recursive: true, force: true }))
  const server = opening.use(await startStockPostgres(join(dir, 'postgres')))
  const kafka = opening.use(await Kafka.start(join(dir, 'kafka')))
  const opened = opening.move()
  return {
    name: 'kafka',
    repeats: true,
    failpoints: ['log-relay.before-write:2', 'log-relay.after-write:2'],
    logUrl: kafka.url,
    databaseUrl: server.url,
    kill: () => kafka.kill(),
    run: () => kafka.run(),
    freeze: () => {
      kafka.freeze()
      return { [Symbol.dispose]: () => kafka.thaw() }
    },
    drop: (topic) => deleteOldest(kafka.url, topic),
    forget: async (url, group) => {
      await using session = await openSession(url)
      await forget(over(session), group)
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

const deleteOldest = async (url: string, topic: string): Promise<void> => {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [url.replace('kafka://', '')] })
  try {
    const partitions = [0, 1, 2, 3].map((partitionIndex) => ({ partitionIndex, timestamp: -1n }))
    const [ends] = await admin.listOffsets({ topics: [{ name: topic, partitions }] })
    const all = (ends?.partitions ?? []).map(({ partitionIndex, offset }) => ({ partition: partitionIndex, offset }))
    await admin.deleteRecords({ topics: [{ name: topic, partitions: all }] })
  } finally {
    await admin.close()
  }
}
