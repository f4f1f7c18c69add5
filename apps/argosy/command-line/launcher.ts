import type { Environment } from './command.ts'

/** How often is looked whether the launcher lives, in ms. */
const LOOK = 500

/**
 * Ends this process in peace when the one that has launched it is gone without a word, by a `kill -9` for one: bin/argosy.js
 * under an older Node, which leaves its id in ARGOSY_LAUNCHER, or `npm start`. Nobody would be left who could be told to end it.
 */
export const endWithLauncher = (env: Environment): void => {
  const isNpm = ['start', 'argosy'].includes(env['npm_lifecycle_event'] ?? '')
  const launcher = Number(env['ARGOSY_LAUNCHER'] ?? (isNpm ? process.ppid : undefined))
  if (!Number.isInteger(launcher)) return
  const watch = setInterval(() => {
    if (process.ppid === launcher) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, LOOK)
  watch.unref()
}
