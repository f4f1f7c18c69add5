// Ctrl-C drains and leaves nothing behind, PostgreSQL included.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop } from './fleet/shop.ts'

/** Processes that name the folder on their command line or have been started by one of those. */
const processesOf = (folder: string): readonly string[] =>
  execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && !line.includes('ps -eo'))

test('Ctrl-C ends the fleet and its PostgreSQL, exit code 130', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-stop-'))
  try {
    await using fleet = await FleetProcess.start({ dataDir: scratch })
    assert.ok(processesOf(scratch).length > 0, 'PostgreSQL runs on the folder')
    const began = performance.now()
    assert.equal(await fleet.stop(), 130)
    assert.ok(performance.now() - began < 10_000, 'it does not wait for connections that nobody uses')
    assert.deepEqual(processesOf(scratch), [])
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})

test('a purchase that was answered just before Ctrl-C ends after the next start', { timeout: 90_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-stop-'))
  try {
    const first = await FleetProcess.start({ dataDir: scratch })
    const shop = new Shop(first.url)
    const buyer = await shop.person()
    const product = await shop.product(buyer, await shop.category(buyer))
    const { body } = await shop.buy(buyer, [[product, 1]])
    await first.stop()
    await using second = await FleetProcess.start({ dataDir: scratch })
    const ended = await new Shop(second.url).end(buyer, body.purchase_id)
    assert.equal(ended.status, 'completed')
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})
