import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { composer, templates } from './compose.ts'
import type { Letter } from './letter.ts'
import { linksTo } from './links.ts'
import { because, greeting, plain, time, timeLeft } from './wording.ts'

const id = '01930000-0000-7000-8000-000000000001'
const purchase_id = '01930000-0000-7000-8000-0000000000b1'
const at = new Date('2026-11-21T08:05:02Z')
const links = linksTo(() => 'https://harbour.test/', 'a secret')
const compose = composer({ name: 'Harbour & Co', support: 'help@harbour.test', links })
const write = (letter: Letter, first_name = 'Ada') =>
  compose({ account_id: id, to: { email: 'ada@shop.test', first_name }, letter }, at)

const sum = { purchase_id, amount: 4_500, currency_code: 'USD' }
const bought = {
  ...sum,
  lines: [
    { product_id: id, name: 'Lamp', price: 1_250, quantity: 2 },
    { product_id: id, name: '“Größe” table', price: 2_000, quantity: 1 },
  ],
}
const letters: readonly Letter[] = [
  { template: 'verification', code_id: id, code: '123456', expires_at: '2026-11-21T10:45:00Z' },
  { template: 'welcome', account_id: id },
  { template: 'purchase-completed', ...bought },
  { template: 'payment-received', ...bought },
  { template: 'purchase-refused', ...bought, reason: 'out-of-stock' },
  { template: 'purchase-cancelled', ...bought, reason: 'not-paid-in-time', payment_method: 'transfer' },
  { template: 'payment-reminder', ...bought, number: 2, expires_at: '2026-11-21T20:05:00Z' },
  { template: 'payment-declined', ...sum, number: 1, reason: 'insufficient-funds' },
  { template: 'refund', ...sum, refund_id: id },
]

test('there is a sample of every template', () => {
  assert.deepEqual(letters.map(({ template }) => template).toSorted(), templates.toSorted())
})

// After a change that is meant: node --test --test-update-snapshots services/mail/compose.test.ts
for (const letter of letters) {
  test(`${letter.template} reads as it is kept in snapshots/`, (t) => {
    const { subject, html, text } = write(letter)
    const file = (end: string) => join(import.meta.dirname, 'snapshots', `${letter.template}.${end}`)
    t.assert.fileSnapshot(html, file('html.snapshot'), { serializers: [String] })
    t.assert.fileSnapshot(`Subject: ${subject}\n\n${text}`, file('txt.snapshot'), { serializers: [String] })
  })

  test(`${letter.template} names the store and its support address, loads nothing, and has no hole`, () => {
    const { subject, html, text } = write(letter)
    assert.match(subject, /Harbour & Co/)
    assert.match(html, /Harbour &amp; Co/)
    assert.match(text, /^Hello Ada,$/m)
    for (const part of [html, text]) {
      assert.match(part, /help@harbour\.test/)
      assert.doesNotMatch(part, /undefined|null|\[object|NaN|^$(?!\n)/)
    }
    assert.doesNotMatch(html, /<(img|script|link|iframe|object)|url\(|@import/)
    assert.match(html, /prefers-color-scheme: dark/)
  })
}

const hostile = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  '<%= process.env %>',
  "' onmouseover='alert(1)",
  '</style></title><h1>x',
]

test('a line is written at the amount that it was sold for, in the minor unit of its currency', () => {
  const lines = [{ product_id: id, name: 'Pin', price: 2, quantity: 1_000, amount: 160_000_050 }]
  const letter = { template: 'purchase-completed', ...sum, currency_code: 'IDR', amount: 160_000_050, lines } as const
  const { text, html } = write(letter)
  assert.match(text, /^ {2}1000 x Pin: IDR\s1,600,000\.50\n {2}Total: IDR\s1,600,000\.50$/m)
  assert.equal(html.match(/IDR\s1,600,000\.50/g)?.length, 2)
})

test('what people wrote is escaped in HTML and left alone in text', () => {
  for (const name of hostile) {
    for (const letter of letters) {
      const lines = [{ product_id: id, name, price: 1, quantity: 1 }]
      const { html, text, subject } = write('lines' in letter ? { ...letter, lines } : letter, name)
      assert.doesNotMatch(html, /<img|<script|<h1|onmouseover='/, letter.template)
      assert.equal(html.split('</style>').length, 2, letter.template)
      assert.ok(text.startsWith(`Hello ${name},`), text)
      assert.doesNotMatch(subject, /alert|process/)
    }
  }
})

test('a name cannot begin a line of its own, turn the text around, or hide', () => {
  const names: readonly (readonly [string, string])[] = [
    ['Ada\r\nBcc: victim@shop', 'Ada Bcc: victim@shop'],
    ['Ada\u2028\u2029\u0085\tL', 'Ada L'],
    ['Ada\u202Egnp.exe\u2066\u200F', 'Adagnp.exe'],
    ['A\u0000d\u0007a\u001b[31m', 'A d a [31m'],
    ['Zero\u200Bwidth\uFEFF\u00AD', 'Zerowidth'],
    [`Z${'\u0301'.repeat(50)}`, 'Ź\u0301\u0301\u0301\u0301'],
    ['half \ud800 pair', 'half \ufffd pair'],
    ['\u{1F468}\u200D\u{1F469}\u200D\u{1F467} م\u200Cی', '\u{1F468}\u200D\u{1F469}\u200D\u{1F467} م\u200Cی'],
  ]
  for (const [wrote, reads] of names) assert.equal(plain(wrote), reads)
  assert.equal(plain('x'.repeat(500)), `${'x'.repeat(199)}…`)
  assert.equal(
    write({ template: 'welcome', account_id: id }, 'Ada\nYour account').text.split('\n')[0],
    'Hello Ada Your account,',
  )
})

test('nobody is greeted with an advertisement', () => {
  for (const name of ['win at https://evil.test', 'www.evil.test', 'mail eve@evil.test', '', ' \u200B ']) {
    assert.equal(greeting(name), 'Hello,')
  }
  assert.equal(greeting(' Ada '), 'Hello Ada,')
})

test('a reminder says what is left of the time, and only it can be refused', () => {
  for (const letter of letters) {
    const { unsubscribe, html, text } = write(letter)
    assert.equal(unsubscribe !== undefined, letter.template === 'payment-reminder', letter.template)
    if (unsubscribe === undefined) continue
    for (const part of [html, text]) {
      assert.match(part, /12 hours left/)
      assert.ok(part.includes(unsubscribe))
      assert.ok(part.includes(`https://harbour.test/o/${purchase_id}`))
    }
  }
})

test('time left is said in its two largest units', () => {
  const from = new Date('2026-11-21T10:00:00Z')
  const said = (ms: number) => timeLeft(new Date(from.getTime() + ms).toISOString(), from)
  assert.equal(said(19_998_000), '5 hours and 33 minutes')
  assert.equal(said(7_198_000), '2 hours')
  assert.equal(said(3_600_000), '1 hour')
  assert.equal(said(90_000), '1 minute and 30 seconds')
  assert.equal(said(26 * 3_600_000), '1 day and 2 hours')
  assert.equal(said(-5), '1 second')
})

test('every reason that customers can meet has a sentence of its own', () => {
  const generic = because('something for operators')
  for (const reason of [
    'out-of-stock',
    'card-declined',
    'not-paid-in-time',
    'cancelled-by-customer',
    'provider-silent',
  ])
    assert.notEqual(because(reason), generic)
})

test('times are written in UTC', () => {
  assert.equal(time('2026-11-21T10:45:00+07:00'), '03:45 UTC, 21 November')
})
