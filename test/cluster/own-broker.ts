import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Kafka, type KafkaOptions } from './kafka.ts'
import { NotHere } from './not-here.ts'
import { Rabbit } from './rabbitmq.ts'

type OwnBroker = AsyncDisposable & { readonly rabbit: Rabbit }
type OwnKafka = AsyncDisposable & { readonly kafka: Kafka }

/** A broker to be killed. Undefined, and the test skipped, where there is none; in CI that is a failure. */
export const ownBroker = async (t: TestContext, nodes = 1): Promise<OwnBroker | undefined> => {
  const own = await startIn('argosy-rabbit-', t, (dir) => Rabbit.start(dir, nodes))
  return own && { rabbit: own.server, [Symbol.asyncDispose]: own.end }
}

/** A Kafka to be killed. Undefined, and the test skipped, where there is none; in CI that is a failure. */
export const ownKafka = async (t: TestContext, options: KafkaOptions = {}): Promise<OwnKafka | undefined> => {
  const own = await startIn('argosy-kafka-', t, (dir) => Kafka.start(dir, options))
  return own && { kafka: own.server, [Symbol.asyncDispose]: own.end }
}

type Own<T> = { readonly server: T; readonly end: () => Promise<void> }

/** A server in a folder of its own, which goes with it. */
const startIn = async <T extends AsyncDisposable>(
  name: string,
  t: TestContext,
  start: (dir: string) => Promise<T>,
): Promise<Own<T> | undefined> => {
  const dir = mkdtempSync(join(tmpdir(), name))
  try {
    const server = await start(dir)
    return {
      server,
      end: async () => {
        await server[Symbol.asyncDispose]()
        rmSync(dir, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    if (!(error instanceof NotHere) || process.env['CI'] === 'true') throw error
    t.skip(error.message)
    return undefined
  }
}
