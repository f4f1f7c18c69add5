/** An amount of minor units as people write it: `money(12500, 'USD')` is `$125.00`, `money(12500, 'VND')` is `₫12,500`. */
export const money = (amount: number, currency_code: string): string => {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: currency_code })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(amount / 10 ** digits)
}

/** RFC 3339 as `10:45 UTC, 21 November`. */
export const time = (at: string): string => {
  const date = new Date(at)
  const clock = date.toISOString().slice(11, 16)
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(date)
  return `${clock} UTC, ${day}`
}

/** The saga's reason as a sentence. A reason without a wording of its own is not shown: it is meant for operators. */
export const because = (reason: string): string => sentences[reason] ?? 'something went wrong on our side.'

const sentences: Readonly<Record<string, string>> = {
  'out-of-stock': 'one of the items has just sold out.',
  'unknown-product': 'one of the items is no longer on sale.',
  'card-declined': 'the bank declined the card.',
  'insufficient-funds': 'the bank declined the card for lack of funds.',
  'expired-card': 'the card has expired.',
  'unknown-card': 'the card is not known.',
  'capture-refused': 'the bank did not let the money go.',
  'timed-out': 'it took too long on our side.',
}
