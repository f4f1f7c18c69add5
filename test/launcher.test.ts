// Who has launched the shop, npm or a Node that is too old for it, hands signals on, and takes all with it when it is killed.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'
import { processesOf } from './fleet/processes-of.ts'

const allGone = (dataDir: string): Promise<void> =>
  eventually(`nothing runs on ${dataDir}`, () => processesOf(dataDir).length === 0, 20_000)

/** `npm start` as leader of a process group, as a terminal runs it; resolves once the shop is ready. */
const npmStart = async (dataDir: string): Promise<ChildProcess> => {
  const child = spawn('npm', ['start'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, PORT: '0', DEMO: 'off', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => line.includes('"event":"ready"') && resolve())
  })
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('npm start has ended before it was ready')))
  ended.catch(() => undefined)
  await Promise.race([ready, ended])
  return child
}

const ends: Readonly<Record<string, (npm: ChildProcess) => void>> = {
  'a kill -9 of npm': (npm) => void npm.kill('SIGKILL'),
  'a signal to npm alone': (npm) => void npm.kill('SIGTERM'),
  'a terminal that is closed': (npm) => {
    npm.stdout?.destroy()
    npm.stderr?.destroy()
    process.kill(-(npm.pid ?? 0), 'SIGHUP')
  },
}
for (const [name, end] of Object.entries(ends)) {
  test(`${name} leaves nothing behind either`, { timeout: 60_000 }, async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'argosy-stop-'))
    try {
      const npm = await npmStart(scratch)
      assert.ok(processesOf(scratch).length > 0, 'PostgreSQL runs on the folder')
      const exited = once(npm, 'exit')
      end(npm)
      await exited
      await allGone(scratch)
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  })
}

/** What the program takes for a Node that is too old for it, so that it hands over to the pinned one. */
const OLDER =
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.0.0"}})'

/** `argosy start` under an older Node; resolves once the shop is ready. */
const startUnderOlderNode = async (dataDir: string): Promise<ChildProcess> => {
  const program = fileURLToPath(new URL('../apps/argosy/bin/argosy.js', import.meta.url))
  const child = spawn(process.execPath, ['--import', OLDER, program, 'start'], {
    env: { ...process.env, PORT: '0', DEMO: 'off', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('"event":"ready"')) return child
  throw new Error('it has ended before it was ready')
}

test(
  'Ctrl-C to the launcher alone is handed on; a launcher that is killed takes all with it',
  { timeout: 60_000 },
  async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'argosy-stop-'))
    try {
      const asked = await startUnderOlderNode(scratch)
      assert.ok(processesOf(scratch).length > 0, 'PostgreSQL runs on the folder')
      const exited = once(asked, 'exit')
      asked.kill('SIGINT')
      assert.deepEqual(await exited, [130, null])
      await allGone(scratch)
      const killed = await startUnderOlderNode(scratch)
      killed.kill('SIGKILL')
      await allGone(scratch)
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  },
)
