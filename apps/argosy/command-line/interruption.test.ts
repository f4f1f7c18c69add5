import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process that listens for its interruption and then does not end, or does. */
const run = async (
  limit: number,
  body: string,
): Promise<{ readonly pid: number; readonly end: Promise<[number, string]> }> => {
  const code = `
    import { listenForInterruption } from ${JSON.stringify(new URL('interruption.ts', import.meta.url).href)}
    const { signal, onForce, onLate, over } = listenForInterruption(${limit})
    onLate((after) => console.log('late after', after))
    onForce(() => console.log('last act'))
    const busy = setInterval(() => undefined, 1_000)
    ${body}
    console.log('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const end = once(child, 'close').then(([code]): [number, string] => [Number(code), said.replaceAll('\n', ' ')])
  while (!said.includes('ready')) await once(child.stdout, 'data')
  return { pid: child.pid ?? 0, end }
}

test('what hangs after the first signal ends in time, says so, does its last act, and has failed', async () => {
  const { pid, end } = await run(300, '')
  const began = performance.now()
  process.kill(pid, 'SIGTERM')
  assert.deepEqual(await end, [1, 'ready late after 300 last act '])
  assert.ok(performance.now() - began < 2_000)
})

test('what is over is not held up by what was left behind, and has not failed', async () => {
  const { pid, end } = await run(1_000, `signal.addEventListener('abort', over)`)
  process.kill(pid, 'SIGINT')
  assert.deepEqual(await end, [0, 'ready '])
})

test('what ends by itself is not held up and says nothing of it', async () => {
  const { pid, end } = await run(60_000, `signal.addEventListener('abort', () => clearInterval(busy))`)
  process.kill(pid, 'SIGINT')
  assert.deepEqual(await end, [0, 'ready '])
})

test('the second Ctrl-C ends at once; one that comes twice is one', async () => {
  const { pid, end } = await run(60_000, `signal.addEventListener('abort', () => console.log('first'))`)
  process.kill(pid, 'SIGINT')
  process.kill(pid, 'SIGINT')
  await sleep(400)
  process.kill(pid, 'SIGINT')
  assert.deepEqual(await end, [130, 'ready first last act '])
})
