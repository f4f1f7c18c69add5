import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Closing } from './closing.ts'

test('what was opened last is closed first, and what hangs can be named', async () => {
  const closed: string[] = []
  const goOn = Promise.withResolvers<void>()
  const service = new Closing()
  service.use('database', { [Symbol.asyncDispose]: async () => void closed.push('database') })
  service.use('reader', {
    [Symbol.asyncDispose]: async () => {
      await goOn.promise
      closed.push('reader')
    },
  })
  const fleet = new Closing()
  fleet.use('membership', { [Symbol.dispose]: () => void closed.push('membership') })
  assert.equal(fleet.use('service order', service), service)
  assert.equal(fleet.use('gRPC', undefined), undefined)
  assert.equal(fleet.closing, undefined)
  const closing = fleet[Symbol.asyncDispose]()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(fleet.closing, 'service order: reader')
  goOn.resolve()
  await closing
  assert.deepEqual([closed, fleet.closing], [['reader', 'database', 'membership'], undefined])
})

test('what cannot be closed does not keep the others open', async () => {
  const closed: string[] = []
  const all = new Closing()
  all.use('one', { [Symbol.dispose]: () => void closed.push('one') })
  all.use('two', { [Symbol.asyncDispose]: () => Promise.reject(new Error('stuck')) })
  await assert.rejects(all[Symbol.asyncDispose](), /stuck/)
  assert.deepEqual(closed, ['one'])
})
