// sin: handlers-stay-inside
import { request } from 'node:http'
import { onBatch } from '@kit/messaging/consumer'
import { event } from '@kit/message/message'
import Type from 'typebox'

const Late = event('mail.late.v1', 'id', Type.Object({ id: Type.String() }))

/** Is judged because it makes a consumer, whatever the file is called. */
export const remindLate = onBatch(Late, async () => {
  request('http://example.com').end()
  return []
})
