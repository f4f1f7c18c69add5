import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { SendParcel } from '../../../contracts/http/depot.ts'
import { ParcelSent } from '../../../contracts/messages/depot.ts'

const insertSentParcel = sql(import.meta.url, 'insert-sent-parcel.sql')

/** The row and the message that tells of it commit together: both are there, or neither. */
export const sendParcel = route(SendParcel, async (request, { platform, transact }) => {
  const { note } = request.body
  const account_id = request.caller.id
  const id = platform.newId()
  const now = platform.clock.now()
  return transact(request, async (tx) => {
    await tx.query(insertSentParcel, [id, account_id, note, now])
    return {
      answer: { parcel: { id, note, created_at: now.toISOString() } },
      send: [ParcelSent({ parcel_id: id, account_id, note })],
    }
  })
})
