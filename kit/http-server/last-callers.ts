import type { Server } from 'node:net'

/** Ms after which the door is closed whoever stands before it. */
const LIMIT = 2_000
/** Ms of a turn of the event loop in which hardly anybody can have come. */
const SHORT = 1

/**
 * Calls back at a moment when nobody waits to be let in, for closing the server then turns nobody away: connections that the
 * kernel has accepted and the process has not yet are reset when their server closes, and their clients cannot know whether
 * they were heard. That moment is the end of a short turn of the event loop in which nobody came; a busy process may not have one.
 */
export const whenNobodyWaits = (server: Server, close: () => void): void => {
  const until = performance.now() + LIMIT
  let came = true
  let began = performance.now()
  const note = (): void => {
    came = true
  }
  const look = (): void => {
    const now = performance.now()
    const isQuiet = !came && now - began < SHORT
    if (isQuiet || now > until) {
      server.off('connection', note)
      return close()
    }
    came = false
    began = now
    setImmediate(look)
  }
  server.on('connection', note)
  setImmediate(look)
}
