import { rmSync, writeFileSync } from 'node:fs'

/** The wall clock of processes that are started with `nodeOptions`, kept in a file. */
export type Clock = {
  readonly nodeOptions: string
  /** Sets it ahead by so many ms, or back by fewer than none, until disposed of. */
  readonly jump: (ms: number) => Disposable
}

export const clockIn = (file: string): Clock => {
  const shifted = new URL('./shifted-clock.ts', import.meta.url)
  shifted.searchParams.set('file', file)
  return {
    nodeOptions: `--import=${shifted.href}`,
    jump: (ms) => {
      writeFileSync(file, String(ms))
      return { [Symbol.dispose]: () => rmSync(file, { force: true }) }
    },
  }
}
