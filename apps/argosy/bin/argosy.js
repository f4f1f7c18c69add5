#!/usr/bin/env node
// Plain JavaScript that any Node >= 20 can run. The program itself needs the pinned Node (type stripping, `await using`):
// when this one is older, the one that npm installed takes over.
import { spawn } from 'node:child_process'
import module, { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Compiled code is kept between calls: a third of the time of a command that only looks.
  module.enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/argosy', import.meta.url)))
  const { main } = await import('../command-line/main.ts')
  await main()
} else {
  const node = pinnedNode()
  if (node === undefined) {
    process.stderr.write(
      `✗ Argosy needs Node 24 and this is ${process.versions.node}. Fix: npm ci (it brings its own), then the same again.\n`,
    )
    process.exit(2)
  }
  // By the id the child notices when this process is killed.
  const env = { ...process.env, ARGOSY_LAUNCHER: String(process.pid) }
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit', env })
  // The child decides when to end. A terminal sends Ctrl-C to both; the child takes what comes twice at once for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGKILL']))
}

function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json')
    return join(dirname(manifest), 'bin', 'node')
  } catch {
    return undefined
  }
}
