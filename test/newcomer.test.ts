// A service that starts when the log has long dropped what it would have needed is told the facts by those who own
// them, also when they are killed while they tell.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { serviceNames } from '@argosy/contracts/services'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { forget } from '@kit/log/postgres/housekeeping'
import { openDatabase } from '@kit/postgres/database'
import { openSession } from '@kit/postgres/session'
import { startMailServer } from './cluster/smtp-server.ts'
import { eventually } from './eventually.ts'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop } from './fleet/shop.ts'

const ALL_BUT_MAIL = [...serviceNames.filter((name) => name !== 'mail'), 'gateway'].join()
/** More than two pages. */
const OTHERS = 1_200

const insertOthers = `insert into account.account
    (id, email, email_key, first_name, last_name, address, phone_number, created_at, updated_at)
  select gen_random_uuid(), n || '@other.test', n || '@other.test', 'Other', '', '', '', now(), now()
    from generate_series(1, ${OTHERS}) as n`
const countKept = `select count(*)::int as n from log.outbox where topic in ('account.events', 'purchase.events')`
const countRecipients = `select count(*)::int as n from mail.recipient`
const countTold = `select coalesce(max(told), 0)::int as n from account.facts_telling`

test('mail that starts after the log has dropped its rows knows all recipients', { timeout: 110_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-newcomer-'))
  try {
    await using postgres = await startEmbedded({ dir: join(scratch, 'pg'), fsync: false })
    await using mailServer = await startMailServer({ greylists: false })
    await using session = await openSession(postgres.url)
    await using mailDb = openDatabase({ url: postgres.url, service: 'mail', max: 1 })
    const count = async (text: string) => Number((await session.query<{ n: number }>(text))[0]?.n)
    const env = {
      DATABASE_URL: postgres.url,
      LOG_RETENTION: '1s',
      RPC_TOKEN: 'a secret of the fleet',
      SMTP_URL: mailServer.url,
    }
    const start = (only: string, more: Readonly<Record<string, string>>) =>
      FleetProcess.start({ dataDir: join(scratch, only), only, env: { ...env, ...more } })
    const startShop = (more = {}) => start(ALL_BUT_MAIL, { MAIL_URL: 'http://127.0.0.1:9', ...more })

    const before = await startShop()
    assert.equal(await forget(mailDb, 'mail'), true)
    const shop = new Shop(before.url)
    const ada = await shop.person('Ada')
    const product = await shop.product(ada, await shop.category(ada))
    const first = await shop.buy(ada, [[product, 1]])
    assert.equal((await shop.end(ada, first.body.purchase_id)).status, 'completed')
    await session.query(insertOthers)
    await eventually('the log has dropped it all', async () => (await count(countKept)) === 0)
    await before.stop()

    const mortal = await startShop({ ARGOSY_FAILPOINTS: 'facts.after-page:1' })
    await using _mail = await start('mail', { ACCOUNT_URL: mortal.url })
    await mortal.exited
    assert.equal(await count(countTold), 500)
    await using after = await startShop()
    await eventually('mail knows all', async () => (await count(countRecipients)) === OTHERS + 1, 30_000)

    const later = new Shop(after.url)
    const second = await later.buy(ada, [[product, 1]])
    assert.equal((await later.end(ada, second.body.purchase_id)).status, 'completed')
    await eventually('the letter is there', () => mailServer.to(ada.email).length > 0)
    const letters = mailServer.to(ada.email).map((source) => /^Message-ID: <(.*)@/im.exec(source)?.[1])
    assert.equal(letters.length, 1, `no welcome again, and nothing of what was before: ${letters.join()}`)
    assert.match(mailServer.to(ada.email)[0] ?? '', /^Subject: .*(confirmed|order)/im)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})
