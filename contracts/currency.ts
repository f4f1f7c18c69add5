/**
 * The active currencies of ISO 4217 (list one, as of 1 January 2026) by how many decimals their minor unit has. Codes
 * without a minor unit (XAU, XDR, XTS, XXX …) are none that a price can have.
 */
const byDecimals: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
    COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
    MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
    STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

const decimals: ReadonlyMap<string, number> = new Map(
  Object.entries(byDecimals).flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code) => [code, Number(digits)] as const),
  ),
)

/** All codes that the shop knows, by the alphabet. */
export const currencyCodes: readonly string[] = [...decimals.keys()].toSorted()

/** Decimal digits of the minor unit: 2 for USD, 0 for VND, 3 for KWD; undefined for what is no active currency. */
export const minorDigitsOf = (currency_code: string): number | undefined => decimals.get(currency_code)

/**
 * An amount of minor units as people write it: `money(12500, 'USD')` is `$125.00`, `money(12500, 'VND')` is `₫12,500`.
 * Old orders may be in a currency that exists no more; those that ended lately had two decimals.
 */
export const money = (amount: number, currency_code: string): string => {
  const digits = minorDigitsOf(currency_code) ?? 2
  const style = { style: 'currency', currency: currency_code } as const
  const format = new Intl.NumberFormat('en', { ...style, minimumFractionDigits: digits, maximumFractionDigits: digits })
  // A text is written digit by digit, where a division could round.
  return format.format(`${amount}e-${digits}` as `${number}`)
}
