import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
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
