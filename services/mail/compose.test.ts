import assert from 'node:assert/strict'
import { test } from 'node:test'
import { composer } from './compose.ts'
import { money, time } from './wording.ts'

const id = '01930000-0000-7000-8000-000000000001'
const compose = composer({ store: 'Harbour & Co', support: 'help@harbour.test' })

test('a letter has an HTML and a text part, both naming the store and its support address', () => {
  const { subject, html, text } = compose(
    { email: 'ada@shop.test', first_name: 'Ada' },
    { template: 'welcome', account_id: id },
  )
  assert.equal(subject, 'Welcome to Harbour & Co')
  for (const part of [html, text]) {
    assert.match(part, /Hello Ada,/)
    assert.match(part, /help@harbour\.test/)
  }
  assert.match(html, /Harbour &amp; Co/)
  assert.match(text, /Harbour & Co/)
})

test('what people wrote is escaped in HTML and left alone in text', () => {
  const { html, text } = compose(
    { email: 'eve@shop.test', first_name: '<img src=x onerror=alert(1)>' },
    {
      template: 'purchase-completed',
      purchase_id: id,
      lines: [{ product_id: id, name: '"Table" & <script>', price: 1250, quantity: 2 }],
      amount: 2500,
      currency_code: 'USD',
    },
  )
  assert.doesNotMatch(html, /<img|<script/)
  assert.match(html, /2 × &quot;Table&quot; &amp; &lt;script&gt;/)
  assert.match(text, /2 x "Table" & <script>: \$25\.00/)
})

test('every template renders both parts without a hole', () => {
  const bought = { purchase_id: id, lines: [], amount: 0, currency_code: 'EUR' }
  for (const letter of [
    { template: 'verification', code_id: id, code: '123456', expires_at: '2026-11-21T10:45:00Z' },
    { template: 'welcome', account_id: id },
    { template: 'purchase-completed', ...bought },
    { template: 'purchase-refused', ...bought, reason: 'out-of-stock' },
    { template: 'purchase-cancelled', ...bought, reason: 'a reason without a wording' },
  ] as const) {
    const parts = compose({ email: 'ada@shop.test', first_name: 'Ada' }, letter)
    for (const part of Object.values(parts)) assert.doesNotMatch(part, /undefined|null|\[object|NaN|^$/)
  }
})

test('amounts are written in the currency’s own units', () => {
  assert.equal(money(12_500, 'USD'), '$125.00')
  assert.equal(money(12_500, 'VND'), '₫12,500')
})

test('times are written in UTC', () => {
  assert.equal(time('2026-11-21T10:45:00+07:00'), '03:45 UTC, 21 November')
})
