/** An amount of minor units as people write it: `money(12500, 'USD')` is `$125.00`. */
export const money = (amount: number, currency_code: string): string => {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: currency_code })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(amount / 10 ** digits)
}
