import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { test } from 'node:test'
import { FAILPOINTS, parseFailpoints } from './failpoints.ts'
import { fixedPlatform } from './fixed.ts'
import { systemPlatform } from './system.ts'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('ids are UUIDv7, all different, and sort in the order in which they were made', () => {
  for (const platform of [systemPlatform(), fixedPlatform()]) {
    const ids = Array.from({ length: 10_000 }, () => platform.newId())
    for (const id of ids) assert.match(id, UUID_V7)
    assert.equal(new Set(ids).size, ids.length)
    assert.deepEqual(ids.toSorted(), ids)
  }
})

test('an id tells when it was made', () => {
  const platform = fixedPlatform({ now: '2026-01-02T03:04:05.678Z' })
  const ms = Number.parseInt(platform.newId().replaceAll('-', '').slice(0, 12), 16)
  assert.equal(new Date(ms).toISOString(), '2026-01-02T03:04:05.678Z')
})

test('ids keep their order when the clock is set back', () => {
  const platform = fixedPlatform()
  const before = platform.newId()
  platform.clock.advance(-60_000)
  assert.ok(platform.newId() > before)
})

test('chances lie between 0 and 1 and differ', () => {
  for (const platform of [systemPlatform(), fixedPlatform()]) {
    const chances = Array.from({ length: 1_000 }, () => platform.random())
    assert.ok(chances.every((chance) => chance >= 0 && chance < 1))
    assert.ok(new Set(chances).size > 990)
    const mean = chances.reduce((sum, chance) => sum + chance, 0) / chances.length
    assert.ok(mean > 0.4 && mean < 0.6, String(mean))
  }
})

test('a fixed platform repeats itself with its seed, and its clock stands still', () => {
  const [one, same, other] = [fixedPlatform({ seed: 7 }), fixedPlatform({ seed: 7 }), fixedPlatform({ seed: 8 })]
  assert.deepEqual([one.newId(), one.random()], [same.newId(), same.random()])
  assert.notEqual(one.newId(), other.newId())
  assert.equal(one.clock.now().toISOString(), '2026-01-01T00:00:00.000Z')
  one.clock.advance(1_500)
  assert.equal(one.clock.now().toISOString(), '2026-01-01T00:00:01.500Z')
})

test('a fixed platform counts its failpoints and hands them to the test', () => {
  const platform = fixedPlatform({
    failpoint: (name) => {
      if (name === 'reader.before-commit') throw new Error('dies here')
    },
  })
  platform.failpoint('job.before-perform')
  assert.throws(() => platform.failpoint('reader.before-commit'), /dies here/)
  assert.deepEqual(
    [...platform.passed],
    [
      ['job.before-perform', 1],
      ['reader.before-commit', 1],
    ],
  )
})

test('failpoints are armed by name and hit', () => {
  assert.deepEqual([...parseFailpoints('')], [])
  assert.deepEqual(
    [...parseFailpoints('reader.before-commit, job.after-perform:3')],
    [
      ['reader.before-commit', 1],
      ['job.after-perform', 3],
    ],
  )
  assert.throws(() => parseFailpoints('reader.before-comit'), /no failpoint reader.before-comit; known are reader/)
  assert.throws(() => parseFailpoints('reader.before-commit:0'), /counted from 1/)
})

test('the list has every failpoint of the code, and no other', () => {
  const cwd = new URL('../..', import.meta.url)
  const files = globSync(['kit/**/*.ts', 'services/**/*.ts'], { cwd, exclude: ['**/node_modules', '**/*.test.ts'] })
  const used = files.flatMap((file) =>
    [...readFileSync(new URL(file, cwd), 'utf8').matchAll(/\bfailpoint(?:\?\.)?\('([^']+)'\)/g)].map(
      ([, name]) => name,
    ),
  )
  assert.deepEqual(new Set(used), new Set<string>(Object.keys(FAILPOINTS)))
})

test('an armed failpoint kills the process at its hit and not before', () => {
  const program = `
    import { systemPlatform } from ${JSON.stringify(new URL('system.ts', import.meta.url).href)}
    const platform = systemPlatform({ failpoints: 'job.after-perform:2' })
    platform.failpoint('job.before-perform')
    platform.failpoint('job.after-perform')
    process.stdout.write('alive')
    platform.failpoint('job.after-perform')
    process.stdout.write('and beyond')`
  const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  assert.equal(signal, 'SIGKILL')
  assert.equal(stdout, 'alive')
})
