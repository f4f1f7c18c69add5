import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ifHere, NotHere } from './not-here.ts'

const absent = async (): Promise<never> => {
  throw new NotHere('RabbitMQ', 'nothing in /usr/lib', 'apt-get install rabbitmq-server')
}

test('what a machine has not is told and left out; other failures are failures', async () => {
  const told: string[] = []
  assert.equal(await ifHere(absent, (reason) => told.push(reason)), undefined)
  assert.deepEqual(told, ['RabbitMQ was not started: nothing in /usr/lib. Fix: apt-get install rabbitmq-server'])
  assert.equal(await ifHere(async () => 1, assert.fail), 1)
  await assert.rejects(
    ifHere(() => Promise.reject(new Error('the disk is full')), assert.fail),
    /the disk is full/,
  )
})
