import type { Environment } from '../command-line/command.ts'

/** `ok`, `warning`: works, but look at it; `broken`: argosy will not start or not work. */
export type Verdict = 'ok' | 'warning' | 'broken'

/** What one look found, and what to do about it. */
export type Finding = {
  readonly name: string
  readonly verdict: Verdict
  readonly found: string
  readonly fix?: string
}

export type Check = (env: Environment) => Promise<readonly Finding[]>
