// sin: handlers-stay-inside, handlers-read-no-clock, handlers-throw-no-dice
import { randomUUID } from 'node:crypto'
import type { Consumer } from '@kit/messaging/consumer'
import { wording } from '../wording.ts'

export const tellResult: Consumer = {
  types: [],
  handle: async () => {
    await fetch(`https://example.com/${wording(new Date())}`)
    return [{ id: randomUUID() }] as never
  },
}
