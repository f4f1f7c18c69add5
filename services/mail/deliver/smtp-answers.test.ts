// What becomes of letters when a real mail server is busy, refuses, hangs, hangs up, or does not know an address.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markFault } from '@kit/fault/fault'
import { AccountRegistered } from '@argosy/contracts/messages/account'
import { RefundIssued } from '@argosy/contracts/messages/payment'
import { listDeadJobs, replayDeadJob } from '@kit/jobs/dead-jobs'
import { sql } from '@kit/postgres/statement'
import { slice } from '@kit/testing/slice'
import type { Slice, SliceOptions } from '@kit/testing/slice'
import { mail } from '../service.ts'
import { lift, listSuppressed } from '../suppression.ts'
import { startServer } from '../test-smtp-server.ts'

const ada = '01930000-0000-7000-8000-00000000000a'
const purchase_id = '01930000-0000-7000-8000-0000000000b1'
const registered = AccountRegistered({ account_id: ada, email: 'Ada@shop.test', first_name: 'Ada', last_name: 'L' })
const refunded = (n: number) =>
  RefundIssued({
    purchase_id,
    customer_id: ada,
    refund_id: `01930000-0000-7000-8000-0000000000d${n}`,
    amount: 500,
    currency_code: 'USD',
  })

const selectWaiting = sql<{ attempt: number; seconds: number; reason: string }>(
  import.meta.url,
  'test-select-waiting.sql',
)

const open = async (options: SliceOptions = {}) => {
  const server = await startServer()
  const config = { SMTP_URL: String(server.url), SMTP_TIMEOUT: '200ms', ...options.config }
  const shop = await slice(mail, { ...options, config })
  return {
    shop,
    ...server,
    /** Makes what waits for its time due, and does it. */
    later: async () => {
      await shop.hurry()
      await shop.drain()
    },
    waiting: () => shop.db.query(selectWaiting, []),
    dead: () => listDeadJobs(shop.db),
    [Symbol.asyncDispose]: async () => {
      await shop[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const messageIds = (received: readonly { readonly source: string }[]) =>
  received.map(({ source }) => /^Message-ID: (.*)\r$/m.exec(source)?.[1])

test('a busy server gets the letter later, after a wait that doubles and has chance in it', async () => {
  await using post = await open({ config: { MAIL_RETRY_FIRST: '1m', MAIL_RETRY_MAX: '5m' } })
  post.mood.rcpt = '451 4.7.1 greylisted'
  await post.shop.deliver(registered)
  const waits: number[] = []
  for (const attempt of [1, 2, 3, 4, 5]) {
    const [job, ...others] = await post.waiting()
    assert.deepEqual([job?.attempt, others.length], [attempt, 0])
    assert.match(job?.reason ?? '', /greylisted/)
    waits.push(job?.seconds ?? 0)
    await post.later()
  }
  for (const [n, least] of [60, 120, 240, 300, 300].entries()) {
    const wait = waits[n] ?? 0
    assert.ok(wait > least - 10 && wait <= least * 1.5, `wait ${n}: ${wait} s`)
  }
  post.mood.rcpt = undefined
  await post.later()
  assert.equal(post.received.length, 1)
  assert.deepEqual(await post.waiting(), [])
})

test('a refusal for ever is parked at once with the server’s words, and can be replayed', async () => {
  await using post = await open()
  post.mood.data = '554 5.6.0 not this'
  await post.shop.deliver(registered)
  const [dead, ...others] = await post.dead()
  assert.ok(dead)
  assert.deepEqual([dead.attempt, others.length], [1, 0])
  assert.match(dead.reason, /554 5\.6\.0 not this/)
  await post.later()
  assert.equal(post.asked.length, 1)
  assert.deepEqual(await listSuppressed(post.shop.db, 10), [])
  post.mood.data = undefined
  assert.ok(await replayDeadJob(post.shop.db, dead.id))
  await post.shop.drain()
  assert.equal(post.received.length, 1)
})

test('tries come to an end: a letter that is deferred for ever becomes a dead letter', async () => {
  await using post = await open({ config: { MAIL_TRIES: '3' } })
  post.mood.data = '452 4.2.2 mailbox full'
  await post.shop.deliver(registered)
  for (const _ of [1, 2, 3, 4]) await post.later()
  assert.equal(post.asked.length, 3)
  assert.deepEqual(
    (await post.dead()).map(({ attempt }) => attempt),
    [3],
  )
})

test('an address that does not exist is not tried again, by this letter or any other, until it is lifted', async () => {
  await using post = await open()
  post.mood.rcpt = '550 5.1.1 no such user here'
  await post.shop.deliver(registered)
  post.mood.rcpt = undefined
  await post.shop.deliver(refunded(1), refunded(2))
  assert.equal(post.asked.length, 1)
  const [suppressed, ...others] = await listSuppressed(post.shop.db, 10)
  assert.ok(suppressed)
  assert.deepEqual([suppressed.email, suppressed.unsent, others.length], ['ada@shop.test', 2, 0])
  assert.match(suppressed.reason, /550 5\.1\.1 no such user here/)
  assert.equal((await post.dead()).length, 1)

  assert.equal(await lift(post.shop.db, 'ADA@shop.test'), true)
  assert.equal(await lift(post.shop.db, 'ADA@shop.test'), false)
  await post.shop.deliver(refunded(3))
  assert.deepEqual(messageIds(post.received), [`<refund.01930000-0000-7000-8000-0000000000d3@argosy.example>`])
})

test('a server that hangs holds up one try, not the letter', async () => {
  await using post = await open()
  post.mood.data = 'hang'
  await post.shop.deliver(registered)
  post.mood.data = undefined
  await post.later()
  assert.equal(post.received.length, 1)
})

test('a server that takes the letter and hangs up without a word gets it once more, recognisable as the same', async () => {
  await using post = await open()
  post.mood.data = 'drop'
  await post.shop.deliver(registered)
  assert.equal(post.received.length, 1)
  post.mood.data = undefined
  await post.later()
  await post.later()
  assert.deepEqual(messageIds(post.received), [`<welcome.${ada}@argosy.example>`, `<welcome.${ada}@argosy.example>`])
})

for (const [how, meanwhile] of [
  ['', async () => undefined],
  [', even when the lease has run out by then', (shop: Slice) => shop.hurry()],
] as const) {
  test(`mail is not sent twice when recording it fails: it is remembered until it can be recorded${how}`, async () => {
    let failures = 0
    const failpoint = (name: string): void => {
      if (name === 'job.before-commit' && failures++ === 0) {
        throw markFault(new Error('the connection is gone'), 'transient')
      }
    }
    await using post = await open({ failpoint })
    await post.shop.deliver(registered).catch((error: unknown) => assert.match(String(error), /connection is gone/))
    await meanwhile(post.shop)
    await post.shop.deliver(registered)
    await post.later()
    assert.ok(failures > 1)
    assert.equal(post.received.length, 1)
  })
}
