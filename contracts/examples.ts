/**
 * What examples of operations stand on and only a running shop knows. `{product_id}` in an example is replaced by what the shop
 * that is described says of it; these have the right form, for shops that say nothing.
 */
export const placeholders = {
  category_id: '01930000-0000-7000-8000-000000000001',
  product_id: '01930000-0000-7000-8000-000000000002',
  /** A completed purchase, and so an order and a payment. */
  purchase_id: '01930000-0000-7000-8000-000000000003',
  /** The order that has waited longest for its transfer. */
  oldest_unpaid_id: '01930000-0000-7000-8000-000000000004',
  newest_unpaid_id: '01930000-0000-7000-8000-000000000005',
  /** A message in the built-in mailbox. */
  message_id: '01930000-0000-7000-8000-000000000006',
  /** The end of the link in a payment reminder. */
  unsubscribe_token: '01930000-0000-7000-8000-000000000007.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  /** Whoever signs in is told one. */
  refresh_token: 'the refresh_token of the last answer',
} as const

export type Placeholder = keyof typeof placeholders
