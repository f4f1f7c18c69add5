import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'

/** The same for an order that does not exist and for one of somebody else: nobody learns which ids are taken. */
export const orderNotFound = (id: string): Refusal<'order-not-found'> =>
  refuse('order-not-found', { detail: `You have no order ${id}.` })
