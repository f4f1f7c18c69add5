// What `argosy doctor` says of a server of one's own: who may do what, what it keeps, and what a replica would have of it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { eventually } from '../eventually.ts'
import { ifHere } from './not-here.ts'
import { startPgBouncer } from './pgbouncer.ts'
import { startStockPostgres, type StockPostgres } from './postgres.ts'

const program = fileURLToPath(new URL('../../apps/argosy/bin/argosy.js', import.meta.url))

/** What doctor says about the database, beyond version and clock: `<verdict> <name>: <found>. Fix: <fix>`. */
const doctor = async (url: string): Promise<readonly string[]> => {
  const child = spawn(process.execPath, [program, 'doctor', '--json'], {
    env: {
      PATH: process.env['PATH'],
      HOME: tmpdir(),
      DATA_DIR: join(tmpdir(), 'argosy-doctor'),
      PORT: '0',
      DATABASE_URL: url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const findings = JSON.parse(await text(child.stdout)) as readonly Readonly<Record<string, string>>[]
  await exited
  return findings
    .filter(({ name, verdict }) => ['database', 'durability', 'replication'].includes(name ?? '') && verdict !== 'ok')
    .map(({ name, verdict, found, fix }) => `${verdict} ${name}: ${found}. Fix: ${fix}`)
}

/** What a start says that does not come about. */
const refusedStart = async (url: string): Promise<string> => {
  const env = { PATH: process.env['PATH'], HOME: tmpdir(), PORT: '0', DATABASE_URL: url }
  const child = spawn(process.execPath, [program, 'start'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const [said] = await Promise.all([text(child.stderr), once(child, 'exit')])
  assert.notEqual(child.exitCode, 0)
  return said
}

/** Sets it as the server's own, and waits until it holds. */
const set = async (client: pg.Client, name: string, value: string): Promise<void> => {
  await client.query(`alter system set ${name} = '${value}'`)
  await client.query('select pg_reload_conf()')
  await eventually(`${name} is ${value}`, async () => (await client.query(`show ${name}`)).rows[0]?.[name] === value)
}

const assertSays = async (url: string, ...expected: readonly RegExp[]): Promise<void> => {
  const said = await doctor(url)
  assert.equal(said.length, expected.length, said.join('\n'))
  for (const [n, one] of expected.entries()) assert.match(said[n] ?? '', one)
}

const lookAt = async (primary: StockPostgres, scratch: string, owned: AsyncDisposableStack): Promise<void> => {
  const { url } = primary
  const client = new pg.Client({ connectionString: url })
  owned.defer(() => client.end())
  await client.connect()
  const states = async (): Promise<string> =>
    (await client.query('select sync_state from pg_stat_replication')).rows.map(({ sync_state }) => sync_state).join()

  await assertSays(url)
  for (const [name, what] of [
    ['fsync', /^warning durability: fsync is off: .* cannot be read\. Fix: alter system set fsync = on;/],
    ['full_page_writes', /^warning durability: full_page_writes is off: .*torn pages\. Fix: /],
    ['synchronous_commit', /^warning durability: synchronous_commit is off: a crash loses .*\. Fix: /],
  ] as const) {
    await set(client, name, 'off')
    await assertSays(url, what)
    await set(client, name, 'on')
  }

  await client.query('create role plain login')
  const plain = url.replace('shop@', 'plain@')
  await assertSays(
    plain,
    /^broken database: its user may not create the roles argosy_account, .*\. Fix: alter role "plain" createrole$/,
    /^broken database: its user may not create the schemas log, .*\. Fix: grant create on database "postgres" to "plain"$/,
  )
  await client.query('grant create on database postgres to plain')
  await client.query('create role argosy_order')
  await assertSays(
    plain,
    /^broken database: its user may not create the roles argosy_account, /,
    /^broken database: its user may not act as argosy_order\. Fix: grant argosy_order to "plain"$/,
  )
  await client.query('grant argosy_order to plain')

  owned.use(await primary.replica(join(scratch, 'replica'), 'second'))
  await eventually('the replica streams', async () => (await states()) === 'async')
  await assertSays(
    url,
    /^warning replication: 1 replica, none synchronous: a failover loses .*Fix: .*synchronous_standby_names/,
  )
  await client.query('alter role plain createrole')
  await assertSays(plain, /^warning replication: 1 replica; this user may not see .*Fix: grant pg_monitor to "plain"$/)

  await set(client, 'synchronous_standby_names', 'ANY 1 (second)')
  await eventually('the replica is synchronous', async () => (await states()) === 'quorum')
  await assertSays(url)
  await set(client, 'synchronous_commit', 'local')
  await assertSays(
    url,
    /^warning replication: synchronous_commit is local: .*Fix: alter system set synchronous_commit = on/,
  )
  await set(client, 'synchronous_commit', 'on')
  await set(client, 'synchronous_standby_names', 'ANY 1 (third)')
  await assertSays(url, /^broken replication: no replica of synchronous_standby_names is connected: every commit waits/)
  await set(client, 'synchronous_standby_names', '')
}

test('doctor and a server of its own, alone and with a replica', { timeout: 240_000 }, async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-doctor-'))
  try {
    await using owned = new AsyncDisposableStack()
    const primary = await ifHere(
      () => startStockPostgres(join(scratch, 'primary')),
      (reason) => t.skip(reason),
    )
    if (primary !== undefined) await lookAt(owned.use(primary), scratch, owned)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})

test('a pooler in front of PostgreSQL is named by doctor, and refused by a start', { timeout: 120_000 }, async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-pooler-'))
  try {
    await using owned = new AsyncDisposableStack()
    const here = await ifHere(
      async () => {
        const server = owned.use(await startStockPostgres(join(scratch, 'server')))
        return startPgBouncer(join(scratch, 'pooler'), server.url, {
          pool_mode: 'transaction',
          ignore_startup_parameters: 'options',
        })
      },
      (reason) => t.skip(reason),
    )
    if (here === undefined) return
    const { url } = owned.use(here)
    const expected = /pooler \(PgBouncer\?\) in transaction mode: .*\. Fix: let the URL name PostgreSQL itself/
    await assertSays(url, expected)
    assert.match(await refusedStart(url), expected)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})
