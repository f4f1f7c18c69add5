// The command as a user runs it: real processes, one running shop.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { commands } from './command-line/commands.ts'
import { testPages } from './test-pages.ts'

const program = fileURLToPath(new URL('./bin/argosy.js', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'argosy-cli-'))
const dataDir = join(scratch, 'data')

after(() => rmSync(scratch, { recursive: true, force: true }))

/** Elsewhere a process's working folder cannot be asked for. */
const skip = process.platform !== 'linux'

type Env = Readonly<Record<string, string>>
type Outcome = { readonly code: number | null; readonly out: string; readonly err: string }

const launch = (args: readonly string[], env: Env, stdin: 'ignore' | 'pipe' = 'ignore'): ChildProcess =>
  spawn(process.execPath, [program, ...args], {
    cwd: scratch,
    env: { PATH: process.env['PATH'], HOME: scratch, DATA_DIR: dataDir, PORT: '0', ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  })

/** `typed`: what comes by standard input; it is empty when absent. */
const argosy = async (args: readonly string[], env: Env = {}, typed?: string): Promise<Outcome> => {
  const child = launch(args, env, typed === undefined ? 'ignore' : 'pipe')
  child.stdin?.end(typed)
  const said = { out: '', err: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.err += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said }
}

const json = async <T>(args: readonly string[]): Promise<T> => {
  const { code, out, err } = await argosy([...args, '--json'])
  assert.equal(code, 0, err)
  return JSON.parse(out) as T
}

/** One line that names what is wrong and what to do. */
const assertOneLine = ({ out, err }: Outcome, what: RegExp): void => {
  assert.equal(out, '')
  assert.match(err, /^✗ [^\n]+\n$/)
  assert.match(err, what)
}

describe('without a shop', { concurrency: 2 }, () => {
  test('a word that is no command is wrong usage', async () => {
    const outcome = await argosy(['float'])
    assert.equal(outcome.code, 2)
    assertOneLine(outcome, /no command float\. Fix: argosy --help/)
    assertOneLine(await argosy(['start', '--only', 'odrer']), /no service odrer\. Fix: did you mean order\?/)
    assertOneLine(await argosy(['strat']), /no command strat\. Fix: did you mean start\?/)
  })

  test('the data of a server that was killed can be removed, whoever has its process id by now', { skip }, async () => {
    const folder = join(scratch, 'killed')
    mkdirSync(join(folder, 'pg'), { recursive: true })
    writeFileSync(join(folder, 'pg', 'PG_VERSION'), '18\n')
    writeFileSync(join(folder, 'pg', 'postmaster.pid'), `${process.pid}\n`)
    const outcome = await argosy(['reset', '--yes'], { DATA_DIR: folder })
    assert.equal(outcome.code, 0, outcome.err)
    assert.equal(existsSync(folder), false)
  })

  test('what a kill -9 of everything leaves, also while the database was made, can be removed; what is used not', async () => {
    const folder = join(scratch, 'kill-nine')
    mkdirSync(join(folder, 'pg.new-1234567'), { recursive: true })
    assert.equal((await argosy(['reset', '--yes'], { DATA_DIR: folder })).code, 0)
    const dir = join(folder, 'pg')
    const starter = `import { startEmbedded } from ${JSON.stringify(import.meta.resolve('@kit/embedded-postgres/embedded'))}
      await startEmbedded({ dir: ${JSON.stringify(dir)}, fsync: false })
      console.log('ready')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', starter], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    const used = await argosy(['reset', '--yes'], { DATA_DIR: folder })
    assert.equal(used.code, 1)
    assertOneLine(used, /is running \(pid \d+\)\. Fix: stop argosy first/)
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.ok(existsSync(join(dir, 'postmaster.pid')), 'its server goes on')
    const { code, err } = await argosy(['reset', '--yes'], { DATA_DIR: folder })
    assert.deepEqual([code, existsSync(folder)], [0, false], err)
  })

  test('an unknown option is wrong usage', async () => {
    const outcome = await argosy(['mail', 'ls', '--from', 'x'])
    assert.equal(outcome.code, 2)
    assertOneLine(outcome, /--from/)
  })

  test('every command explains itself on stdout', async () => {
    const { code, out } = await argosy(['--help'])
    assert.equal(code, 0)
    for (const name of Object.keys(commands)) assert.match(out, new RegExp(`^  ${name} `, 'm'))
    const help = await argosy(['dead-letters', '--help'])
    assert.equal(help.code, 0)
    assert.match(help.out, /argosy dead-letters replay --all/)
    assert.equal(help.err, '')
  })

  test('a shop that listens to all does not start with a secret that everybody knows', async () => {
    const outcome = await argosy(['start'], { HOST: '0.0.0.0' })
    assert.equal(outcome.code, 2)
    assertOneLine(outcome, /PAYMENT_WEBHOOK_SECRETS: .+ Set PAYMENT_WEBHOOK_SECRETS to/)
  })

  test('wrong settings are told all at once, each with its fix', async () => {
    const { code, err } = await argosy(['start'], { PORT: 'eighty', LOG_LEVEL: 'loud', SMTP_URL: 'post:box' })
    assert.equal(code, 2)
    const lines = err.trim().split('\n')
    assert.deepEqual(
      lines.map((line) => /^✗ (\w+): .* Set \1 to /.exec(line)?.[1]),
      ['PORT', 'LOG_LEVEL', 'SMTP_URL'],
      err,
    )
  })

  test('an origin with a path is told at the start, and one with a slash is none', async () => {
    const outcome = await argosy(['start'], { CORS_ORIGINS: 'https://shop.example/,https://shop.example/pages' })
    assert.equal(outcome.code, 2)
    assertOneLine(
      outcome,
      /CORS_ORIGINS: "https:\/\/shop\.example\/,https.*pages" is not a list .* no path\. Set CORS_/,
    )
    const slash = await argosy(['start'], { CORS_ORIGINS: 'https://shop.example/', PORT: 'eighty' })
    assert.doesNotMatch(slash.err, /CORS_ORIGINS/)
  })

  test('a URL of another kind of database is wrong configuration', async () => {
    const outcome = await argosy(['start'], { DATABASE_URL: 'mysql://localhost/shop' })
    assert.equal(outcome.code, 2)
    assertOneLine(outcome, /DATABASE_URL/)
  })

  test('a database that is not there is one line with the fix', async () => {
    const outcome = await argosy(['start'], { DATABASE_URL: 'postgres://shop@127.0.0.1:1/shop', LOG_LEVEL: 'silent' })
    assert.equal(outcome.code, 1)
    assertOneLine(outcome, /ECONNREFUSED 127\.0\.0\.1:1\. Fix: start the server/)
  })

  test('a database that accepts and never answers is one line, after 10 s, and doctor says the same', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined))
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const connected = once(silent, 'connection').then(() => performance.now())
    const env = { DATABASE_URL: `postgres://shop@127.0.0.1:${port}/shop`, LOG_LEVEL: 'silent' }
    const doctor = launch(['doctor'], env)
    try {
      const lines = createInterface({ input: doctor.stdout as NodeJS.ReadableStream })
      const finding = new Promise<string>((resolve) => {
        lines.on('line', (line) => line.includes(' database ') && resolve(line))
      })
      const [{ code, err }, found] = await Promise.all([argosy(['start'], env), finding])
      assert.ok(performance.now() - (await connected) < 20_000)
      assert.equal(code, 1)
      const said =
        /no connection to PostgreSQL at .* within 10000 ms: it accepts connections and does not answer\. Fix: .*$/
      const [words] = said.exec(found) ?? assert.fail(found)
      assert.ok(err.endsWith(`✗ ${words}\n`), err)
      assert.match(err, /^ {2}… schemas .* for 5\.\d s$/m)
    } finally {
      doctor.kill('SIGKILL')
      silent.close()
    }
  })

  test('a data folder that is something else is left alone', async () => {
    const folder = join(scratch, 'precious')
    mkdirSync(join(folder, 'pg'), { recursive: true })
    writeFileSync(join(folder, 'pg', 'thesis.txt'), 'years of work')
    const start = await argosy(['start'], { DATA_DIR: folder, LOG_LEVEL: 'silent' })
    assert.equal(start.code, 1)
    assertOneLine(start, /not a PostgreSQL data folder/)
    const reset = await argosy(['reset', '--yes'], { DATA_DIR: folder })
    assert.equal(reset.code, 1)
    assertOneLine(reset, /does not look like a data folder/)
    assert.equal(readFileSync(join(folder, 'pg', 'thesis.txt'), 'utf8'), 'years of work')
  })

  test('a command that looks says how to begin when nothing has begun', async () => {
    const outcome = await argosy(['sagas', 'ls'], { DATA_DIR: join(scratch, 'nowhere') })
    assert.equal(outcome.code, 1)
    assertOneLine(outcome, /there is no shop in .*Fix: argosy start/)
  })

  test('of a server of one’s own, backup and restore say what to use instead', async () => {
    const env = { DATABASE_URL: 'postgres://shop@127.0.0.1:1/shop' }
    const [backup, restore] = [await argosy(['backup', 'b'], env), await argosy(['restore', 'b'], env)]
    assert.deepEqual([backup.code, restore.code], [2, 2])
    assertOneLine(backup, /only the embedded database .*Fix: pg_basebackup --dbname "\$DATABASE_URL" --pgdata /)
    assertOneLine(restore, /only the embedded database .*Fix: unpack a base backup/)
    assert.equal((await argosy(['backup'])).code, 2)
    assert.equal((await argosy(['restore', 'a', 'b'])).code, 2)
  })

  test('doctor finds what is broken: exit code 3', async () => {
    const { code, out } = await argosy(['doctor'], { DATABASE_URL: 'postgres://shop@127.0.0.1:1/shop' })
    assert.equal(code, 3)
    assert.match(out, /✗ database .*Fix: /)
    assert.match(out, /✓ node /)
  })
})

describe('with a running shop', () => {
  let shop: ChildProcess
  let narration = ''
  let url = ''
  let purchase = ''

  before(
    async () => {
      shop = launch(['start'], { LOG_LEVEL: 'debug' })
      shop.stderr?.setEncoding('utf8').on('data', (text: string) => (narration += text))
      assert.ok(shop.stdout)
      for await (const line of createInterface({ input: shop.stdout })) {
        const ready = JSON.parse(line) as { event: string; ms: number; urls: { api: string } }
        assert.equal(ready.event, 'ready')
        assert.ok(ready.ms > 0)
        url = ready.urls.api
        break
      }
      assert.notEqual(url, '', narration)
    },
    { timeout: 60_000 },
  )

  after(async () => {
    if (shop.exitCode !== null || shop.signalCode !== null) return
    shop.kill('SIGINT')
    await once(shop, 'exit')
  })

  test('the first start fills the shop and tells how its first purchase went', async () => {
    assert.match(narration, /✓ demo /)
    assert.match(narration, /✓ first purchase /)
    assert.doesNotMatch(narration, /nobody is an admin/)
    assert.equal(stripVTControlCharacters(narration), narration)
    purchase = /first purchase .*completed .*: (\S+)/.exec(narration)?.[1] ?? ''
    assert.notEqual(purchase, '', narration)
  })

  test('a purchase is told step by step', async () => {
    const { code, out } = await argosy(['trace', purchase])
    assert.equal(code, 0)
    assert.match(out, /reserve stock[^]*payment/)
    const unknown = await argosy(['trace', '01930000-0000-7000-8000-000000000000'])
    assert.equal(unknown.code, 1)
  })

  test('the log follows it through all services, by the command that the guide gives', () => {
    const guide = readFileSync(new URL('../../docs/guide/follow-a-purchase.md', import.meta.url), 'utf8')
    const command = /^grep .*$/m.exec(guide)?.[0] ?? ''
    const folder = mkdtempSync(join(scratch, 'logs-'))
    writeFileSync(join(folder, 'shop.log'), narration)
    const found = execFileSync('/bin/sh', ['-c', command], { cwd: folder, env: { ID: purchase }, encoding: 'utf8' })
    const lines = found.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
    assert.deepEqual(lines[0]?.msg, 'accepted a purchase')
    assert.deepEqual(
      new Set(lines.map(({ service }) => service)),
      new Set(['purchase', 'inventory', 'order', 'payment', 'mail']),
    )
    for (const { message_id, job_id, msg } of lines.slice(1)) assert.ok(message_id ?? job_id, msg)
    const times = lines.map(({ time }) => String(time))
    assert.ok(
      times.every((time, n) => n === 0 || time >= (times[n - 1] ?? '')),
      times.join(),
    )
  })

  test('the customer’s mail is in the mailbox', async () => {
    const letters = await json<{ id: string; subject: string }[]>(['mail', 'ls', '--to', 'ada@demo.test'])
    const confirmation = letters.find(({ subject }) => subject === 'Your Argosy purchase is confirmed')
    assert.ok(confirmation, JSON.stringify(letters))
    const { out } = await argosy(['mail', 'show', confirmation.id])
    assert.match(out, /^To: ada@demo\.test\n[^]*Hello Ada,/)
    const { port } = new URL(url)
    const shown = await argosy(['mail', 'show', confirmation.id], { PORT: port })
    assert.ok(shown.out.includes(`${url}/o/${purchase}`), shown.out)
  })

  testPages(() => ({ url, purchase }))

  test('there are no dead letters, and that is data, too', async () => {
    assert.deepEqual(await json(['dead-letters', 'ls']), [])
    const { code, out, err } = await argosy(['dead-letters', 'ls'])
    assert.deepEqual([code, out, err], [0, '', 'no dead letters\n'])
    assert.equal((await argosy(['dead-letters', 'replay', 'mail/1'])).code, 1)
  })

  test('who reads the log is told; a group that is read for is not forgotten', async () => {
    const groups = await json<readonly { name: string; processes: number; messages: number }[]>(['log', 'ls'])
    assert.deepEqual(
      groups.filter(({ name }) => name === 'mail').map(({ processes }) => processes),
      [1],
    )
    const kept = await argosy(['log', 'forget', 'mail'])
    assert.equal(kept.code, 1)
    assertOneLine(kept, /1 process reads for mail now/)
    const unknown = await argosy(['log', 'forget', 'nobody'])
    assert.equal(unknown.code, 1)
    assertOneLine(unknown, /the log knows no group nobody/)
    assert.equal((await argosy(['log'])).code, 2)
  })

  test('an admin made on the command line can sign in, once, and is greeted like everybody', async () => {
    const rolesOf = async (email: string, password: string): Promise<unknown> => {
      const response = await fetch(new URL('/api/v1/account/login', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      })
      const { access_token } = (await response.json()) as { access_token?: string }
      const claims = Buffer.from(access_token?.split('.')[1] ?? '', 'base64url').toString()
      return claims === '' ? response.status : JSON.parse(claims).roles
    }
    const password = 'correct horse battery'
    const made = await argosy(['admin', 'create', 'root@shop.test'], {}, `${password}\n`)
    assert.deepEqual([made.code, made.out], [0, 'root@shop.test is customer, admin\n'], made.err)
    assert.deepEqual(await rolesOf('root@shop.test', password), ['customer', 'admin'])
    const other = await json<{ password: string }>(['admin', 'create', 'other@shop.test', '--generate'])
    assert.deepEqual(await rolesOf('other@shop.test', other.password), ['customer', 'admin'])
    const again = await argosy(['admin', 'create', 'Root@shop.test'], {}, 'another password')
    assert.equal(again.code, 1)
    assertOneLine(again, /Root@shop\.test is registered\. Grant/)
    const until = performance.now() + 20_000
    const subjects = async (): Promise<string[]> =>
      (await json<{ subject: string }[]>(['mail', 'ls', '--to', 'root@shop.test'])).map(({ subject }) => subject)
    let letters = await subjects()
    while (letters.length === 0 && performance.now() < until) letters = await subjects()
    assert.match(letters.join(), /^Welcome/)
  })

  test('an admin needs an address and a password', async () => {
    const weak = await argosy(['admin', 'create', 'weak@shop.test'], {}, 'short\n')
    assert.equal(weak.code, 1)
    assertOneLine(weak, /The password must have 8 to 256 characters/)
    const none = await argosy(['admin', 'create', 'weak@shop.test'])
    assert.equal(none.code, 2)
    assertOneLine(none, /no password came by standard input\. Fix: .*--generate/)
    assertOneLine(await argosy(['admin', 'create', 'weak'], {}, 'long enough'), /"weak" is not an e-mail address/)
    const elsewhere = { DATABASE_URL: 'postgres://shop@127.0.0.1:1/shop' }
    const gone = await argosy(['admin', 'create', 'weak@shop.test'], elsewhere, 'long enough')
    assertOneLine(gone, /ECONNREFUSED 127\.0\.0\.1:1\. Fix: start the server/)
  })

  test('a projection is rebuilt', async () => {
    assert.equal((await argosy(['rebuild', 'orders'])).code, 0)
    assert.equal((await argosy(['rebuild', 'pyramids'])).code, 2)
  })

  test('a projection of what others own is told to its keeper anew', async () => {
    const { rows } = await json<{ rows: number }>(['rebuild', 'recipients'])
    assert.ok(rows >= 2, `a seller and a buyer at least, not ${rows}`)
    assert.match((await argosy(['rebuild', '--help'])).out, /recipients +whom letters go to/)
  })

  test('an order is shown as it is and as it was', async () => {
    const { events } = await json<{ events: { type: string; at: string }[] }>(['order', 'history', purchase])
    assert.deepEqual(
      events.map(({ type }) => type),
      ['order.order-placed.v1', 'order.order-paid.v1', 'order.order-completed.v1'],
    )
    const at = events[0]?.at ?? ''
    const then = await json<{ status: string }>(['order', 'as-of', purchase, new Date(Date.parse(at)).toISOString()])
    assert.equal(then.status, events[1]?.at === at ? 'paid' : 'pending')
    const now = await json<{ status: string }>(['order', 'as-of', purchase, new Date().toISOString()])
    assert.equal(now.status, 'completed')
    const before = await argosy(['order', 'as-of', purchase, '2020-01-01'])
    assert.equal(before.code, 1)
    assertOneLine(before, /there was no order .* Fix: argosy order history/)
    assert.equal((await argosy(['order', 'as-of', purchase, 'yesterday'])).code, 2)
    assert.equal((await argosy(['order', 'history'])).code, 2)
  })

  test('a port that is taken is one line with the fix', async () => {
    const { port } = new URL(url)
    const second = await argosy(['start'], { PORT: port, LOG_LEVEL: 'silent' })
    assert.equal(second.code, 1)
    assert.match(second.err, new RegExp(`^✗ port ${port} on 127\\.0\\.0\\.1 is in use\\. Fix: PORT=`))
  })

  test('doctor is content with a running shop', async () => {
    const { port } = new URL(url)
    const { code, out } = await argosy(['doctor'], { PORT: port })
    assert.equal(code, 0, out)
    assert.match(out, /✓ port .*served by a running argosy/)
    assert.match(out, /✓ tables +those of this release/)
  })

  test('Ctrl-C drains and leaves no PostgreSQL; what is there can still be looked at, and removed', async () => {
    shop.kill('SIGINT')
    const [code] = (await once(shop, 'exit')) as [number | null]
    assert.equal(code, 130)
    assert.match(narration, /stopped in \d+/)
    assert.equal(existsSync(join(dataDir, 'pg', 'postmaster.pid')), false)

    assert.deepEqual(await json(['sagas', 'ls']), [])
    assert.equal((await json<{ status: string }>(['sagas', 'show', purchase])).status, 'completed')
    assert.equal(existsSync(join(dataDir, 'pg', 'postmaster.pid')), false)

    const file = join(scratch, 'resting.tar.gz')
    assert.equal((await json<{ file: string }>(['backup', file])).file, file)
    const twice = await argosy(['backup', file])
    assert.equal(twice.code, 1)
    assertOneLine(twice, /resting\.tar\.gz is there already\. Fix: name another/)
    const onto = await argosy(['restore', file])
    assert.equal(onto.code, 1)
    assertOneLine(onto, /pg is not empty\. Fix: argosy restore .* --yes/)
    const restored = await json<{ before: string }>(['restore', file, '--yes'])
    assert.ok(existsSync(join(restored.before, 'PG_VERSION')))
    assert.equal((await json<{ status: string }>(['sagas', 'show', purchase])).status, 'completed')

    const asked = await argosy(['reset'])
    assert.equal(asked.code, 2)
    assert.ok(existsSync(dataDir))
    assert.equal((await argosy(['reset', '--yes'])).code, 0)
    assert.equal(existsSync(dataDir), false)
  })
})
