// The first `npm start` on a fresh clone installs what the lock file names, and is not silent meanwhile.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../scripts/install.mjs', import.meta.url))

/** A clone whose lock file names two packages at a registry, and its installation. */
const installFrom = (registry: string) => {
  const clone = mkdtempSync(join(tmpdir(), 'argosy-install-'))
  mkdirSync(join(clone, 'scripts'))
  copyFileSync(script, join(clone, 'scripts', 'install.mjs'))
  const dependencies = { node: '1.0.0', two: '1.0.0' }
  const manifest = { name: 'clone', version: '1.0.0', dependencies }
  writeFileSync(join(clone, 'package.json'), JSON.stringify(manifest))
  const entry = (name: string) => [
    `node_modules/${name}`,
    { version: '1.0.0', resolved: `${registry}${name}/-/${name}-1.0.0.tgz` },
  ]
  const packages = { '': manifest, ...Object.fromEntries(Object.keys(dependencies).map(entry)) }
  const lock = { name: 'clone', version: '1.0.0', lockfileVersion: 3, packages }
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify(lock))
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, npm_config_registry: registry, npm_config_cache: join(clone, 'cache') }
  const child = spawn(process.execPath, [join(clone, 'scripts', 'install.mjs')], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'close')
  return {
    ended,
    stop: () => child.kill('SIGTERM'),
    /** Resolves with all that was said once it says this; fails when it ends before. */
    says: async (words: RegExp): Promise<string> => {
      while (!words.test(said)) {
        const next = await Promise.race([once(child.stderr, 'data'), ended.then(() => undefined)])
        if (next === undefined && !words.test(said)) assert.fail(said)
      }
      return said
    },
    [Symbol.dispose]: () => {
      child.kill('SIGKILL')
      rmSync(clone, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

const packed = (name: string): Buffer => {
  const folder = mkdtempSync(join(tmpdir(), 'argosy-packed-'))
  mkdirSync(join(folder, 'package'))
  writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify({ name, version: '1.0.0' }))
  execFileSync('tar', ['-czf', join(folder, 'packed.tgz'), '-C', folder, 'package'])
  const file = readFileSync(join(folder, 'packed.tgz'))
  rmSync(folder, { recursive: true })
  return file
}

describe('installing', { concurrency: 2, timeout: 90_000 }, () => {
  test('it tells how far it is', async () => {
    const held: ServerResponse[] = []
    const registry = createServer(({ url = '' }, response) => {
      if (url.startsWith('/two/')) held.push(response)
      else response.end(packed('node'))
    }).listen(0, '127.0.0.1')
    await once(registry, 'listening')
    try {
      using install = installFrom(`http://127.0.0.1:${(registry.address() as AddressInfo).port}/`)
      await install.says(/^ {2}1 of 2 packages after \d+\.\d s$/m)
      for (const response of held) response.end(packed('two'))
      const said = await install.says(/^installed in /m)
      assert.doesNotMatch(said, /cannot be reached/)
    } finally {
      registry.closeAllConnections()
      registry.close()
    }
  })

  test('offline it says so within some 10 s, and ends when it is told to', async () => {
    using install = installFrom('http://127.0.0.1:1/')
    const began = performance.now()
    const said = await install.says(/cannot be reached/)
    assert.match(
      said,
      /^✗ http:\/\/127\.0\.0\.1:1\/ cannot be reached \(ECONNREFUSED\)\. If this machine is offline, /m,
    )
    assert.ok(performance.now() - began < 20_000)
    const told = performance.now()
    install.stop()
    const [code] = (await install.ended) as [number | null]
    assert.equal(code, 1)
    assert.ok(performance.now() - told < 10_000, 'npm alone would try on for a minute')
  })
})
