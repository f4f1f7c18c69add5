import type { Command } from './command.ts'
import { admin } from './commands/admin.ts'
import { bench } from './commands/bench.ts'
import { deadLetters } from './commands/dead-letters.ts'
import { doctor } from './commands/doctor.ts'
import { mail } from './commands/mail.ts'
import { rebuild } from './commands/rebuild.ts'
import { reset } from './commands/reset.ts'
import { sagas } from './commands/sagas.ts'
import { start } from './commands/start.ts'
import { trace } from './commands/trace.ts'

/** The words of the command line. */
export const commands: Readonly<Record<string, Command>> = {
  start,
  doctor,
  trace,
  sagas,
  'dead-letters': deadLetters,
  mail,
  rebuild,
  admin,
  bench,
  reset,
}
