import { Uuid } from '@argosy/contracts/fields'
import { event } from '@kit/message/message'
import Type from 'typebox'

export const ParcelSent = event(
  'depot.parcel-sent.v1',
  'parcel_id',
  Type.Object({ parcel_id: Uuid, account_id: Uuid, note: Type.String() }),
)
