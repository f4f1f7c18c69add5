import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import { exitCode, Stop } from '../command-line/exit-code.ts'

export type PasswordOptions = {
  /** Standard input. */
  readonly input: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY'>>
  /** Writes for the person who types. */
  readonly say: (text: string) => void
  readonly signal: AbortSignal
}

/** Ms after which it is said what is waited for. */
const SILENCE = 2_000

/**
 * A new password: at a terminal asked for twice and not shown, else the first line of the input. Throws a Stop when there is none or
 * the two differ; rejects with the signal's reason.
 */
export const readPassword = async (options: PasswordOptions): Promise<string> => {
  const { input, signal } = options
  const password = input.isTTY === true ? await typed(options) : await firstLine(options)
  signal.throwIfAborted()
  if (password !== undefined && password !== '') return password
  throw new Stop('no password came by standard input', {
    fix: 'type it at a terminal, send it as a line (argosy admin create you@shop.example < password.txt), or let one be made up by --generate',
    exitCode: exitCode.usage,
  })
}

const typed = async ({ input, say, signal }: PasswordOptions): Promise<string | undefined> => {
  // As a terminal it reads key by key and echoes each to its output, which keeps nothing.
  const lines = createInterface({ input, output: nowhere(), terminal: true, historySize: 0, signal })
  // Then Ctrl-C is a key like any other.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const answers = lines[Symbol.asyncIterator]()
  const ask = async (question: string): Promise<string | undefined> => {
    say(question)
    const answer = await answers.next()
    say('\n')
    return answer.done === true ? undefined : answer.value
  }
  try {
    const password = await ask('Password (not shown): ')
    if (password === undefined || password === '') return undefined
    const again = await ask('Once more: ')
    if (again === password || signal.aborted) return password
    throw new Stop('the two differ', { fix: 'try again', exitCode: exitCode.usage })
  } finally {
    lines.close()
  }
}

const firstLine = async ({ input, say, signal }: PasswordOptions): Promise<string | undefined> => {
  const silence = setTimeout(() => say('waiting for the password, a line on standard input\n'), SILENCE)
  const lines = createInterface({ input, signal })
  try {
    for await (const line of lines) return line
    return undefined
  } finally {
    clearTimeout(silence)
    lines.close()
  }
}

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() })
