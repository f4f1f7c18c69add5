import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { Stop } from '../command-line/exit-code.ts'
import { readPassword } from './password.ts'

/** Reads from somebody who types, or from a pipe; `said` is all that was shown. */
const read = (isTTY: boolean, text: string) => {
  const input = Object.assign(new PassThrough(), { isTTY })
  let said = ''
  const say = (more: string): void => void (said += more)
  const password = readPassword({ input, say, signal: new AbortController().signal })
  input.end(text)
  return password.then((password) => ({ password, said }))
}

test('what is typed is asked for twice, and not shown', async () => {
  const { password, said } = await read(true, 'correct horse\rcorrect horse\r')
  assert.equal(password, 'correct horse')
  assert.equal(said, 'Password (not shown): \nOnce more: \n')
})

test('who types two different ones has mistyped', async () => {
  await assert.rejects(read(true, 'correct horse\rcorrect house\r'), /the two differ/)
})

test('a file or a pipe has it in its first line', async () => {
  assert.deepEqual(await read(false, 'correct horse\r\nand more\n'), { password: 'correct horse', said: '' })
  assert.equal((await read(false, 'no line break')).password, 'no line break')
})

test('nothing is not a password', async () => {
  for (const [isTTY, text] of [
    [true, '\r'],
    [false, ''],
    [false, '\n'],
  ] as const)
    await assert.rejects(read(isTTY, text), (error) => error instanceof Stop && /--generate/.test(String(error.fix)))
})
