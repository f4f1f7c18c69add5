import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEvents } from './read-events.ts'

const respond = (...chunks: readonly string[]): Response =>
  new Response(
    new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
        controller.close()
      },
    }),
  )

test('events are read across chunks; comments and retry advice are none', async () => {
  const response = respond('retry: 1000\n\n', ':\n\nid: 1\nevent: st', 'ep\ndata: {"n":1}\n', '\ndata: "é"\n\n')
  const events: unknown[] = []
  for await (const event of readEvents(response)) events.push(event)
  assert.deepEqual(events, [
    { event: 'step', data: { n: 1 } },
    { event: 'message', data: 'é' },
  ])
})
