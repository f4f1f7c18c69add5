/** What the process says when it ends; the same in every command. */
export const exitCode = {
  ok: 0,
  failure: 1,
  /** Wrong arguments or configuration. */
  usage: 2,
  /** `doctor` found something that must be mended. */
  unhealthy: 3,
  timeout: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/** Ends the command with one line: what is wrong, and what to do about it; or with several, of what is wrong besides. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly fix: string | undefined
  readonly exitCode: ExitCode
  readonly also: readonly string[]
  constructor(
    message: string,
    options: { fix?: string; exitCode?: ExitCode; cause?: unknown; also?: readonly string[] } = {},
  ) {
    super(message, { cause: options.cause })
    this.fix = options.fix
    this.also = options.also ?? []
    this.exitCode = options.exitCode ?? exitCode.failure
  }
}
