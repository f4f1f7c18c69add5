import { createHmac, timingSafeEqual } from 'node:crypto'

/** Where letters lead to, in the customer's browser. */
export type Links = {
  /** The page of an order, where it can be paid. */
  readonly order: (purchase_id: string) => string
  /** Ends reminders for an account: asked by GET it explains, asked by POST it does so (RFC 8058). */
  readonly unsubscribe: (account_id: string) => string
}

/** `store` is where customers reach the shop: `https://shop.example`. It is asked for each link, for a port may come late. */
export const linksTo = (store: () => string, secret: string): Links => {
  const base = (): string => store().replace(/\/+$/, '')
  return {
    order: (purchase_id) => `${base()}/o/${purchase_id}`,
    unsubscribe: (account_id) => `${base()}/unsubscribe/${unsubscribeToken(account_id, secret)}`,
  }
}

/** Where links lead when neither STORE_URL nor the process says where the store is. */
export const USUAL_STORE = 'http://127.0.0.1:8080'

/** Names the account and proves that a letter of ours named it. It never expires: an old letter's link must work. */
export const unsubscribeToken = (account_id: string, secret: string): string =>
  `${account_id}.${seal(account_id, secret)}`

/** The account that a token of ours names; nothing for any other text. */
export const accountOf = (token: string, secret: string): string | undefined => {
  const [account_id = '', given = ''] = token.split('.')
  const right = Buffer.from(seal(account_id, secret))
  const ours = Buffer.from(given)
  return given.length === right.length &&
    ours.length === right.length &&
    timingSafeEqual(ours, right) &&
    token === unsubscribeToken(account_id, secret)
    ? account_id
    : undefined
}

const seal = (account_id: string, secret: string): string =>
  createHmac('sha256', secret).update(`unsubscribe/payment-reminder/${account_id}`).digest('base64url')
