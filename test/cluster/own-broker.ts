import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { NotHere } from './not-here.ts'
import { Rabbit } from './rabbitmq.ts'

type OwnBroker = AsyncDisposable & { readonly rabbit: Rabbit }

/** A broker to be killed. Undefined, and the test skipped, where there is none; in CI that is a failure. */
export const ownBroker = async (t: TestContext, nodes = 1): Promise<OwnBroker | undefined> => {
  const dir = mkdtempSync(join(tmpdir(), 'argosy-rabbit-'))
  try {
    const rabbit = await Rabbit.start(dir, nodes)
    return {
      rabbit,
      [Symbol.asyncDispose]: async () => {
        await rabbit[Symbol.asyncDispose]()
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
