/** What one and the same sum is in each currency: `{ USD: 1, VND: 25400 }`. */
export type Rates = Readonly<Record<string, number>>

/** What one unit of `from` is worth in `to`, 1 for itself; undefined when the table has one of them not. */
export const rateBetween = (from: string, to: string, rates: Rates): number | undefined => {
  if (from === to) return 1
  const [source, target] = [rates[from], rates[to]]
  return source === undefined || target === undefined ? undefined : target / source
}

/** Minor units of `from` in minor units of `to`, rounded half up; what costs something never becomes free. */
export const convert = (amount: number, from: string, to: string, rate: number): number => {
  if (from === to) return amount
  const converted = Math.round(amount * rate * 10 ** (digitsOf(to) - digitsOf(from)))
  return amount > 0 ? Math.max(1, converted) : converted
}

const known = new Map<string, number>()

/** Digits of the minor unit (ISO 4217): 2 for USD, 0 for VND. */
const digitsOf = (currency: string): number => {
  const digits =
    known.get(currency) ??
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
    2
  known.set(currency, digits)
  return digits
}
