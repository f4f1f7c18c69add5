// Loaded before a program by `node --import <this file>?file=<file>`: its wall clock is ahead by the ms that the file says, as
// of a machine whose clock was set wrongly. The monotonic clock (`performance.now`) and timers go on as they are.
import { readFileSync } from 'node:fs'

const file = new URL(import.meta.url).searchParams.get('file') ?? ''
const LOOKS_EVERY = 100
const realNow = Date.now.bind(Date)
let ahead = 0

const look = (): void => {
  try {
    ahead = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    ahead = 0
  }
}

Date.now = () => realNow() + ahead
// A proxy and not a class of its own: what is made before, after and elsewhere stays `instanceof Date`.
globalThis.Date = new Proxy(Date, {
  construct: (target, args, maker) => Reflect.construct(target, args.length === 0 ? [target.now()] : args, maker),
})
look()
setInterval(look, LOOKS_EVERY).unref()
