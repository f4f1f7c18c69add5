import { Timestamp, Uuid } from '@argosy/contracts/fields'
import { endpoint } from '@kit/http/endpoint'
import Type from 'typebox'

export const SendParcel = endpoint({
  method: 'POST',
  path: '/api/v1/depot/parcels',
  summary: 'Send parcel.',
  audience: 'account',
  body: Type.Object({ note: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\x00]*$' }) }),
  answer: Type.Object({ parcel: Type.Object({ id: Uuid, note: Type.String(), created_at: Timestamp }) }),
  status: 201,
  examples: { parcel: { body: { note: 'with care' } } },
})
