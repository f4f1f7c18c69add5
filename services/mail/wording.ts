/** RFC 3339 as `10:45 UTC, 21 November`. */
export const time = (at: string): string => {
  const date = new Date(at)
  const clock = date.toISOString().slice(11, 16)
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(date)
  return `${clock} UTC, ${day}`
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** How long it is from one moment to a later one, in its two largest units: `1 hour and 30 minutes`. */
export const timeLeft = (until: string, from: Date): string => {
  const seconds = Math.max(1, Math.round((Date.parse(until) - from.getTime()) / 1000))
  // Nobody needs the two seconds that the letter was under way.
  let rest = seconds < 120 ? seconds : Math.round(seconds / 60) * 60
  const parts: string[] = []
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
    else if (parts.length > 0) break
  }
  return parts.slice(0, 2).join(' and ')
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
  'provider-silent': 'our payment provider did not answer.',
  // Of purchases that a release before this one has given up.
  'timed-out': 'it took too long on our side.',
  'not-paid-in-time': 'it was not paid in time.',
  'cancelled-by-customer': 'you asked us to.',
  cancelled: 'it was cancelled before it was paid.',
}

const graphemes = new Intl.Segmenter('en')

/**
 * What a person wrote, safe to stand in a line of ours: no line break or other control character, nothing that changes
 * the direction of reading or is not seen at all, no tower of accents, and not endless. Joiners stay: scripts need them.
 */
export const plain = (text: string, longest = 200): string => {
  const line = text
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(/(?![\u200c\u200d])[\p{Cf}\p{Co}\p{Cn}]/gu, '')
    .replaceAll(/(\p{M}{4})\p{M}+/gu, '$1')
    .trim()
  if (line.length <= longest) return line
  const characters = Array.from(graphemes.segment(line), ({ segment }) => segment)
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : line
}

/** How a person is spoken to. A name with an address in it would make of our greeting somebody's advertisement. */
export const greeting = (first_name: string): string => {
  const name = plain(first_name, 60)
  return name === '' || /:\/\/|www\.|@/i.test(name) ? 'Hello,' : `Hello ${name},`
}
