import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { eventually } from '../eventually.ts'
import { freePort } from './free-port.ts'
import { NotHere } from './not-here.ts'

const PROGRAM = '/usr/sbin/pgbouncer'

export type PgBouncer = AsyncDisposable & { readonly url: string }

/** PgBouncer in front of a server, with the settings of a pool that a test is about: `pool_mode=transaction`. */
export const startPgBouncer = async (
  dir: string,
  server: string,
  settings: Readonly<Record<string, string>>,
): Promise<PgBouncer> => {
  if (!existsSync(PROGRAM)) throw new NotHere('PgBouncer', `there is no ${PROGRAM}`, 'apt-get install pgbouncer')
  mkdirSync(dir, { recursive: true })
  const { hostname, port: serverPort, pathname, username } = new URL(server)
  const port = await freePort()
  const own = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  const file = join(dir, 'pgbouncer.ini')
  writeFileSync(
    file,
    `[databases]\n* = host=${hostname} port=${serverPort} user=${username}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n` +
      `listen_port = ${port}\nunix_socket_dir =\nauth_type = any\n${own.join('')}`,
  )
  chmodSync(dir, 0o755)
  chmodSync(join(dir, '..'), 0o755)
  // It refuses to run as root.
  const [program, ...args] = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', PROGRAM] : [PROGRAM]
  const child = spawn(program ?? PROGRAM, [...args, file], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const url = `postgresql://${username}@127.0.0.1:${port}${pathname}`
  await eventually('PgBouncer answers', async () => {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      return true
    } catch {
      return false
    } finally {
      await client.end().catch(() => undefined)
    }
  })
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}
