import type { ParseArgsConfig } from 'node:util'
import type { ExitCode } from './exit-code.ts'
import type { Interruption } from './interruption.ts'
import type { Terminal } from '../terminal/terminal.ts'

export type Options = NonNullable<ParseArgsConfig['options']>

/** What a command is called with. */
export type Invocation = {
  readonly positionals: readonly string[]
  /** Values of the command's options, by name. */
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  /** `--json`: data for programs. */
  readonly json: boolean
  readonly env: Environment
  readonly terminal: Terminal
} & Interruption

export type Environment = Readonly<Record<string, string | undefined>>

/** What a word of the command line does. */
export type Command = {
  /** The forms it takes, each without `argosy <name>`. */
  readonly usage: readonly string[]
  readonly options?: Options
  /** Options in words, for `--help`. */
  readonly help?: readonly (readonly [option: string, meaning: string])[]
  readonly run: (invocation: Invocation) => Promise<ExitCode>
}

/** An option's value when it was given as text. */
export const textOf = (value: Invocation['values'][string]): string | undefined =>
  typeof value === 'string' ? value : undefined
