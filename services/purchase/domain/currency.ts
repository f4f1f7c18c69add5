import { minorDigitsOf } from '@argosy/contracts/currency'

/** What one and the same sum is in each currency, as decimals: `{ USD: '1', EUR: '0.92', VND: '25400' }`. */
export type Rates = Readonly<Record<string, string>>

/** How many minor units of one currency so many of another are. Exact: most rates are no decimal. */
export type Conversion = { readonly to: bigint; readonly from: bigint }

/** Undefined when one of them is no currency of ISO 4217, or they differ and the table has one of them not. */
export const conversionBetween = (from: string, to: string, rates: Rates): Conversion | undefined => {
  const [before, after] = [minorDigitsOf(from), minorDigitsOf(to)]
  if (before === undefined || after === undefined) return undefined
  if (from === to) return { to: 1n, from: 1n }
  const [source, target] = [rates[from], rates[to]]
  if (source === undefined || target === undefined) return undefined
  const [worth, due] = [fractionOf(source), fractionOf(target)]
  return {
    to: due.digits * 10n ** BigInt(worth.scale + after),
    from: worth.digits * 10n ** BigInt(due.scale + before),
  }
}

/** Minor units in another currency, rounded half up; what costs something never becomes free. */
export const convert = (amount: bigint, { to, from }: Conversion): bigint => {
  const converted = (2n * amount * to + from) / (2n * from)
  return amount > 0n && converted === 0n ? 1n : converted
}

/** What one unit of `from` is worth in `to`, as near as a number can be: to be shown, not to be reckoned with. */
export const shownRate = (from: string, to: string, rates: Rates): number => Number(rates[to]) / Number(rates[from])

/** `0.92` is 92 at two decimals. */
const fractionOf = (decimal: string): { readonly digits: bigint; readonly scale: number } => {
  const [whole = '', fraction = ''] = decimal.split('.')
  return { digits: BigInt(whole + fraction), scale: fraction.length }
}
