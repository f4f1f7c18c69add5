import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { FleetProcess, NotReady, type FleetOptions } from '../fleet/fleet-process.ts'

const program = fileURLToPath(new URL('../../apps/argosy/bin/argosy.js', import.meta.url))
/** In a message: `argosy log renumber`, without its quotes. */
const COMMAND = /\bargosy ((?!start\b)[a-z]+(?: [a-z][a-z-]*)*)/

/** Starts the shop. It may refuse, if it names the one command that mends it: then after that command. */
export const startOrMend = async (options: FleetOptions, tell: (line: string) => void): Promise<FleetProcess> => {
  try {
    return await FleetProcess.start(options)
  } catch (error) {
    const command = error instanceof NotReady ? COMMAND.exec(error.message)?.[1] : undefined
    if (command === undefined) throw error
    tell(`mended by argosy ${command}`)
    await promisify(execFile)(process.execPath, [program, ...command.split(' ')], {
      env: { ...process.env, DATA_DIR: options.dataDir, ...options.env },
    })
    return FleetProcess.start(options)
  }
}
