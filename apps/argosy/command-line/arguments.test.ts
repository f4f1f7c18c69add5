import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitOf } from '../terminal/listing.ts'
import { parse } from './arguments.ts'
import type { Command } from './command.ts'
import { explain } from './explain.ts'

const mail: Command = {
  usage: ['ls [--limit 20]', 'show <message>'],
  options: { limit: { type: 'string' }, about: { type: 'string' } },
  run: async () => 0,
}
const trace: Command = { usage: ['<purchase>'], run: async () => 0 }
const ID = '0190A5E4-0000-7000-8000-00000000000F'

const told = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    const { line, code } = explain(error)
    assert.equal(code, 2)
    return line
  }
  return assert.fail('it was taken')
}

test('a negative number is taken for the value of its option, which then says what is wrong', () => {
  const limit = (...args: string[]) => limitOf(parse('mail', mail, args).values, 20)
  assert.equal(limit('ls', '--limit', '5'), 5)
  const wrong = '--limit must be a whole number from 1 to 1000, not'
  assert.equal(
    told(() => limit('ls', '--limit', '-1')),
    `${wrong} -1`,
  )
  assert.equal(
    told(() => limit('ls', '--limit', '-1', '--json')),
    `${wrong} -1`,
  )
  assert.equal(
    told(() => limit('ls', '--limit=0')),
    `${wrong} 0`,
  )
  assert.equal(
    told(() => limit('ls', '--limit', '1e3')),
    `${wrong} 1e3`,
  )
  assert.match(
    told(() => limit('ls', '--limit', '--json')),
    /'--limit'.*ambiguous/,
  )
})

test('an option or a word that the command has not is told with the one that was meant', () => {
  const wrong = (...args: string[]) => told(() => parse('mail', mail, args))
  assert.match(wrong('ls', '--limt', '5'), /argosy mail has no option --limt\. Fix: did you mean --limit\? argosy mail/)
  assert.match(wrong('ls', '--from', 'x'), /argosy mail has no option --from\. Fix: argosy mail --help$/)
  assert.match(wrong('-x'), /no option -x\./)
  assert.match(wrong('shwo', 'x'), /argosy mail has no word shwo\. Fix: did you mean show\?/)
  assert.deepEqual(parse('mail', mail, ['dance']).positionals, ['dance'], 'the command says how it is used')
  const none = (usage: string, word: string) => told(() => parse('start', { usage: [usage], run: trace.run }, [word]))
  assert.match(none('[--only order,payment]', 'order'), /argosy start has no word order\. Fix: argosy start --help$/)
  assert.match(none('--yes', 'yes'), /has no word yes\. Fix: did you mean --yes\?/)
  assert.match(none('', 'x'), /has no word x\./)
})

test('ids are taken in capitals, alone and after the name of a service', () => {
  const { positionals, values } = parse('mail', mail, ['show', ID, `order/${ID}`, 'Ada@X.test', '--about', ID])
  assert.deepEqual(positionals, ['show', ID.toLowerCase(), `order/${ID.toLowerCase()}`, 'Ada@X.test'])
  assert.equal(values['about'], ID.toLowerCase())
  assert.deepEqual(parse('trace', trace, [ID]).positionals, [ID.toLowerCase()])
  const restore: Command = { usage: ['<file> [--yes]'], run: trace.run }
  assert.deepEqual(parse('restore', restore, [ID]).positionals, [ID], 'the name of a file')
})
