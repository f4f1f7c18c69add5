import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokersAt } from './brokers.ts'

test('one URL names several nodes', () => {
  assert.deepEqual(
    brokersAt('amqp://shop:s%40fe@one:5673,two,[::1]:5674/sho%2Fp').map(({ heartbeat: _heartbeat, ...rest }) => rest),
    [
      { hostname: 'one', port: 5673 },
      { hostname: 'two', port: 5672 },
      { hostname: '::1', port: 5674 },
    ].map((node) => ({ protocol: 'amqp', ...node, username: 'shop', password: 's@fe', vhost: 'sho/p' })),
  )
})

test('what is left out is as RabbitMQ has it', () => {
  const [node] = brokersAt('amqps://mq')
  assert.deepEqual([node?.port, node?.username, node?.password, node?.vhost], [5671, 'guest', 'guest', '/'])
})

test('anything else is refused', () => {
  for (const url of ['', 'redis://one', 'amqp://', 'amqp://one:port']) assert.throws(() => brokersAt(url), /queue URL/)
})
