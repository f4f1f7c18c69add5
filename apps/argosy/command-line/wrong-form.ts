import type { Command } from './command.ts'
import { exitCode, Stop } from './exit-code.ts'

/** The words after the command's name make none of its forms. */
export const wrongForm = (name: string, { usage }: Command): Stop =>
  new Stop(`argosy ${name} is used as: ${usage.map((form) => `argosy ${name} ${form}`).join(', or ')}`, {
    exitCode: exitCode.usage,
  })
