import assert from 'node:assert/strict'
import { test } from 'node:test'
import { currencyCodes, minorDigitsOf, money } from './currency.ts'

test('the table has each active currency once, with the decimals of ISO 4217', () => {
  assert.equal(currencyCodes.length, 165)
  assert.equal(new Set(currencyCodes).size, 165)
  for (const code of currencyCodes) {
    assert.match(code, /^[A-Z]{3}$/)
    assert.ok([0, 2, 3, 4].includes(minorDigitsOf(code) ?? -1), code)
  }
})

test('well-known currencies have the decimals that everybody knows, and those that runtimes get wrong as well', () => {
  const known = [
    [0, 'JPY KRW VND CLP ISK XAF XOF XPF UGX PYG UYI'],
    [2, 'USD EUR GBP CHF CNY INR BRL MXN MGA MRU IDR HUF COP PKR IRR KPW LAK LBP MMK RSD ALL TZS UZS'],
    [3, 'BHD IQD JOD KWD LYD OMR TND'],
    [4, 'CLF UYW'],
  ] as const
  for (const [digits, codes] of known) {
    for (const code of codes.split(' ')) assert.equal(minorDigitsOf(code), digits, code)
  }
})

test('what has no minor unit, is no more, or never was is no currency', () => {
  for (const code of ['XAU', 'XDR', 'XTS', 'XXX', 'HRK', 'BGN', 'ANG', 'ZZZ', 'usd', '', '__proto__', 'constructor'])
    assert.equal(minorDigitsOf(code), undefined, code)
})

test('amounts are written in the currency’s own units', () => {
  const cases = [
    [12_500, 'USD', '$125.00'],
    [12_500, 'VND', '₫12,500'],
    [0, 'JPY', '¥0'],
    [5, 'EUR', '€0.05'],
    [160_000_000, 'IDR', 'IDR\u00a01,600,000.00'],
    [12_345, 'HUF', 'HUF\u00a0123.45'],
    [1_234_567, 'IQD', 'IQD\u00a01,234.567'],
    [12_500, 'KWD', 'KWD\u00a012.500'],
    [999_999_999_999, 'CLF', 'CLF\u00a099,999,999.9999'],
    [1_000_000_000_000, 'USD', '$10,000,000,000.00'],
  ] as const
  for (const [amount, code, text] of cases) assert.equal(money(amount, code), text)
})

test('an old order in a currency that exists no more is still written', () => {
  assert.equal(money(12_550, 'HRK'), 'HRK\u00a0125.50')
})
