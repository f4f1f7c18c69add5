// A known failure of shops: after a crash, mail is sent again. Killed between sending and recording, and started again twice.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from './eventually.ts'
import { startMailServer } from './cluster/smtp-server.ts'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop } from './fleet/shop.ts'

const idsIn = (sources: readonly string[]): readonly string[] =>
  sources.map((source) => /^Message-ID:\s*(<.*>)/im.exec(source)?.[1] ?? 'none').toSorted()

test('after a recovery only what was in the air comes again, and is recognisable', { timeout: 120_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'argosy-mail-'))
  try {
    await using mail = await startMailServer({ greylists: false })
    const env = { SMTP_URL: mail.url }
    const twoOf = (address: string) =>
      eventually(`welcome and code for ${address}`, () => new Set(idsIn(mail.to(address))).size === 2)

    const first = await FleetProcess.start({ dataDir, env: { ...env, ARGOSY_FAILPOINTS: 'job.before-commit:1' } })
    const ada = `ada-${randomUUID()}@example.test`
    // It may be killed before it has answered: the letter is on its way by then.
    await new Shop(first.url).person('Ada', ada).catch(() => undefined)
    await first.exited
    const inTheAir = idsIn(mail.to(ada))
    assert.ok(inTheAir.length > 0, 'it was killed after a letter had been taken')

    const second = await FleetProcess.start({ dataDir, env })
    await twoOf(ada)
    const eve = await new Shop(second.url).person('Eve')
    await twoOf(eve.email)
    const times = (id: string) => idsIn(mail.to(ada)).filter((each) => each === id).length
    await eventually('what was in the air comes again', () => inTheAir.every((id) => times(id) > 1))
    await second.stop()
    const afterwards = idsIn(mail.to(ada))
    // Once more where nobody could know that it had been taken, and no more than that.
    for (const id of new Set(afterwards)) assert.ok(times(id) <= 2, `${id}: ${times(id)} times`)
    assert.equal(idsIn(mail.to(eve.email)).length, 2)

    await using third = await FleetProcess.start({ dataDir, env })
    const bob = await new Shop(third.url).person('Bob')
    await twoOf(bob.email)
    assert.deepEqual(idsIn(mail.to(ada)), afterwards)
    assert.equal(idsIn(mail.to(eve.email)).length, 2)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})
