// The disk of the shop's own PostgreSQL is full: its write-ahead log cannot grow, and it ends. Space comes back.
import { findPostmaster } from '@kit/embedded-postgres/folder'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { mountSmallDisk, noSmallDisk } from '../faults/small-disk.ts'
import { useUpReserve } from '../faults/write-ahead-log.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { Shop } from '../fleet/shop.ts'
import { assertAllCompleted, openGoods, untilReady } from './faults-shop.ts'
import { assertLaws } from './law-check.ts'
import { buySteadily, type Accepted } from './steady-load.ts'

/** Megabytes: a server and some more. */
const SIZE = 700
/** Ms that it is full for: longer than one try to start the server again. */
const FULL = 10_000
const GOES_ON = 30_000

test('a disk that was full', { timeout: 240_000, skip: noSmallDisk() ?? false }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-disk-'))
  owned.defer(() => rmSync(scratch, { recursive: true, force: true }))
  const disk = owned.use(mountSmallDisk(join(scratch, 'disk'), SIZE))
  const dataDir = join(disk.dir, 'data')
  const fleet = owned.use(await FleetProcess.start({ dataDir }))
  const shop = new Shop(fleet.url)
  const goods = await openGoods(shop)
  const accepted: Accepted[] = []
  let unanswered = 0
  for (const time of ['the first time', 'the second time']) {
    await t.test(`purchases go on when there is room again, ${time}`, async () => {
      const during = buySteadily({ shop: () => shop, ...goods, perSecond: 5 })
      await sleep(3_000)
      const full = disk.fill()
      await useUpReserve(urlOf(dataDir))
      await sleep(FULL)
      full[Symbol.dispose]()
      await untilReady(fleet.url, GOES_ON)
      await during.stop()
      const after = buySteadily({ shop: () => shop, ...goods, perSecond: 5 })
      await sleep(2_000)
      await after.stop()
      accepted.push(...during.accepted, ...after.accepted)
      unanswered += during.unanswered() + after.unanswered()
      assert.deepEqual([...after.refusals], [])
      await assertAllCompleted(urlOf(dataDir), accepted)
    })
  }
  await t.test('the laws hold', () =>
    assertLaws(
      urlOf(dataDir),
      accepted.map(({ id }) => id),
      unanswered,
    ),
  )
})

/** The server that runs on the shop's folder, over the socket that only its user can reach. */
const urlOf = (dataDir: string): string => {
  const running = findPostmaster(join(dataDir, 'pg'))
  if (running === undefined) throw new Error(`no PostgreSQL runs on ${dataDir}`)
  return `postgresql://postgres@localhost:5432/argosy?host=${encodeURIComponent(running.socketDir)}`
}
