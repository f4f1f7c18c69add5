import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'

const program = fileURLToPath(new URL('../../../bench/main.ts', import.meta.url))

/** Hands everything to `bench/`, which is a program of its own: it measures from outside. */
export const bench: Command = {
  usage: ['purchases --seconds 30 [--json]'],
  forwards: true,
  run: async ({ rest, env, signal, onForce }) => {
    const child = spawn(process.execPath, [program, ...rest], { stdio: 'inherit', env })
    onForce(() => child.kill('SIGKILL'))
    // Ctrl-C reaches the child by itself, from the terminal.
    signal.addEventListener('abort', () => signal.reason === 'SIGTERM' && child.kill('SIGTERM'), { once: true })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (signal.reason === 'SIGINT') return exitCode.interrupted
    return Object.values(exitCode).find((known) => known === code) ?? exitCode.failure
  },
}
