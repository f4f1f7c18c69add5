// sin: handlers-stay-inside
import { connect } from 'node:net'
import { onBatch } from '@kit/messaging/consumer'
import { event } from '@kit/message/message'
import Type from 'typebox'

const Late = event('mail.later.v1', 'id', Type.Object({ id: Type.String() }))

export const connectLate = onBatch(Late, async () => {
  connect(25, 'example.com').end()
  return []
})
