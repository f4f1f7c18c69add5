import type { Clock } from './platform.ts'

const MAX_COUNTER = 0xfff

/**
 * Makes UUIDv7 (RFC 9562, section 6.2, method 1): the 12 bits after the version count up within a millisecond, so that ids
 * of one process sort in the order in which they were made. `tail` gives the variant and 62 bits of chance: the last 17
 * characters of any random UUID.
 */
export const uuidv7 = (clock: Clock, tail: () => string): (() => string) => {
  let last = 0
  let counter = 0
  let head = ''
  return () => {
    const now = clock.now().getTime()
    if (now > last) {
      last = now
      counter = 0
      head = headOf(last)
    } else if (++counter > MAX_COUNTER) {
      // More than 4,096 in a millisecond, or a clock set back: time is borrowed.
      last++
      counter = 0
      head = headOf(last)
    }
    return `${head}${COUNTS[counter]}-${tail()}`
  }
}

const headOf = (ms: number): string => {
  const time = ms.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7`
}

const COUNTS = Array.from({ length: MAX_COUNTER + 1 }, (_, count) => count.toString(16).padStart(3, '0'))
