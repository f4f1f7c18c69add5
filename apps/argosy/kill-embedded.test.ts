import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { killEmbedded } from './kill-embedded.ts'

/** The process that the folder's server file names, working in `cwd`: the signal that ends it, of SIGQUIT and SIGTERM. */
const endOf = async (folder: string, cwd: string): Promise<NodeJS.Signals> => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { cwd })
  await once(child, 'spawn')
  writeFileSync(join(folder, 'postmaster.pid'), `${child.pid}\n`)
  killEmbedded(`embedded:${folder}`)
  child.kill('SIGTERM')
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals]
  return signal
}

test(
  'only the server itself is ended, not who has its process id by now',
  { skip: process.platform !== 'linux' },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'argosy-kill-'))
    try {
      assert.equal(await endOf(folder, folder), 'SIGQUIT')
      assert.equal(await endOf(folder, tmpdir()), 'SIGTERM')
      killEmbedded('embedded:/nowhere')
      killEmbedded('postgres://127.0.0.1/shop')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
