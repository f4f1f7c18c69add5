import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { once } from 'node:events'
import { test } from 'node:test'
import { openPool } from './pool.ts'

test('a socket is asked for by a URL that names a user and no host', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'pool-'))
  await using server = createServer((socket) => socket.destroy()).listen(join(dir.path, '.s.PGSQL.5432'))
  await once(server, 'listening')
  const asked = once(server, 'connection')
  await using pool = openPool({ url: `postgres://till:secret@/shop?host=${dir.path}`, service: 'till' })
  await assert.rejects(pool.take())
  await asked
})

test('a URL that is none is refused without its password', async () => {
  const refused = async (): Promise<void> => {
    await using pool = openPool({ url: 'postgres://till:secret@one:5432,two:5432/shop', service: 'till' })
    await pool.take()
  }
  await assert.rejects(refused, (error) => !inspect(error).includes('secret'))
})
