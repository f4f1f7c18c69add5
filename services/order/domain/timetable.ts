/** When an unpaid order is reminded of, and when it ends: ms after its placing. */
export type Timetable = { readonly reminders: readonly number[]; readonly expiry: number }

/** What is due, and when to look again: ms after the placing. */
export type Due =
  | { readonly expired: true }
  | {
      readonly expired: false
      /** The number of the reminder to send: 1 for the first. */
      readonly remind?: number
      readonly next: number
    }

/** In order; what would come after the end is left out. */
export const timetable = (reminders: readonly number[], expiry: number): Timetable => ({
  reminders: [...new Set(reminders)].filter((at) => at < expiry).toSorted((a, b) => a - b),
  expiry,
})

/**
 * What is due so long after the placing, when reminders up to `reminded` have been sent or skipped. Of several that are late only
 * the last is sent; and whatever the clock does, none is sent twice.
 */
export const dueAt = ({ reminders, expiry }: Timetable, elapsed: number, reminded: number): Due => {
  if (elapsed >= expiry) return { expired: true }
  const passed = reminders.filter((at) => at <= elapsed).length
  const next = reminders[Math.max(passed, reminded)] ?? expiry
  return { expired: false, ...(passed > reminded && { remind: passed }), next }
}
