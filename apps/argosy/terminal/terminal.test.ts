import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { narratePhases } from './phases.ts'
import { duration, openTerminal, table } from './terminal.ts'

test('columns of a table are aligned two spaces apart, whatever is coloured or accented', () => {
  assert.deepEqual(
    table([
      ['a', 'count'],
      ['\u001b[32mlonger\u001b[39m', '1'],
      ['café', '22'],
    ]),
    ['a       count', '\u001b[32mlonger\u001b[39m  1', 'café    22'],
  )
})

test('what is not a terminal gets plain text, and JSON on one line', () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const terminal = openTerminal(stdout, stderr)
  assert.equal(terminal.isPerson, false)
  assert.equal(terminal.paint('red', 'stop'), 'stop')
  terminal.say('narration')
  terminal.printJson({ a: [1, 2] })
  assert.equal(String(stderr.read()), 'narration\n')
  assert.equal(String(stdout.read()), '{"a":[1,2]}\n')
})

test('times are milliseconds up to a second, then seconds', () => {
  assert.equal(duration(212.4), '212 ms')
  assert.equal(duration(2_400), '2.4 s')
})

test('a phase that takes long says so now and then, until it has ended or nobody waits for it', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const stderr = new PassThrough()
  const over = new AbortController()
  const progress = narratePhases(openTerminal(new PassThrough(), stderr), over.signal)
  const said = () => String(stderr.read() ?? '').trimEnd()
  const ended = progress('schemas')
  t.mock.timers.tick(4_999)
  assert.equal(said(), '')
  t.mock.timers.tick(1)
  assert.match(said(), /^ {2}… schemas +for /)
  ended('73 migrations')
  assert.match(said(), /✓ schemas .*73 migrations$/)
  progress('demo')
  over.abort()
  t.mock.timers.tick(60_000)
  assert.equal(said(), '')
})
