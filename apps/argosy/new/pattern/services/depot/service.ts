import { defineService } from '@kit/service/service'
import Type from 'typebox'
import { problems } from './problems.ts'
import { sendParcel } from './send-parcel/route.ts'

export const depot = defineService({
  name: 'depot',
  config: Type.Object({}),
  problems,
  migrations: [new URL('./migrations/', import.meta.url)],
  parts: () => ({
    routes: [sendParcel],
  }),
})
