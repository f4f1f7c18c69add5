import { randomBytes } from 'node:crypto'
import { roles } from '@argosy/contracts/roles'
import { createAdmin, grantRole, objectionTo } from '@services/account/administer'
import type { Granted } from '@services/account/administer'
import { enqueuer } from '@kit/jobs/enqueue'
import { openTransact } from '@kit/messaging/transact'
import { systemPlatform } from '@kit/platform/system'
import { isRefusal } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { Command, Invocation } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import type { ExitCode } from '../command-line/exit-code.ts'
import { openTables } from '../open-tables.ts'
import { readPassword } from '../terminal/password.ts'
import { wrongForm } from '../command-line/wrong-form.ts'

/** What only the owner of the machine may do with accounts. */
export const admin: Command = {
  usage: ['create <e-mail> [--generate]', `grant <e-mail> <${roles.join('|')}>`],
  options: { generate: { type: 'boolean' } },
  help: [['--generate', 'makes up the password and prints it; else it is typed, or a line on standard input']],
  run: async (invocation) => {
    const [verb, email, role] = invocation.positionals
    if (email === undefined) throw wrongForm('admin', admin)
    if (verb === 'create' && role === undefined) return create(email, invocation)
    const known = roles.find((one) => one === role)
    if (verb !== 'grant' || known === undefined) throw wrongForm('admin', admin)
    await using tables = await openTables(invocation.env)
    return tell(await grantRole(tables.of('account'), { email, role: known }), {}, invocation)
  },
}

const create = async (email: string, invocation: Invocation): Promise<ExitCode> => {
  const { values, signal } = invocation
  await using tables = await openTables(invocation.env)
  const db = tables.of('account')
  const objection = await objectionTo(db, email)
  if (objection !== undefined) throw refused(objection)
  const generated = values['generate'] === true ? randomBytes(12).toString('base64url') : undefined
  const password = generated ?? (await passwordFrom(invocation))
  if (password === undefined || signal.aborted) return exitCode.interrupted
  const platform = systemPlatform()
  // The shop's readers find the messages at their next look.
  const { transact } = openTransact({ db, log: tables.partitioning, platform, enqueue: enqueuer(platform) })
  const outcome = await createAdmin({ platform, transact }, { email, password })
  // A password that was given is known already; terminals and logs need not keep it.
  return tell(outcome, generated === undefined ? {} : { password: generated }, invocation)
}

/** Undefined when the command was interrupted. */
const passwordFrom = async ({ signal }: Invocation): Promise<string | undefined> => {
  try {
    return await readPassword({ input: process.stdin, say: (text) => process.stderr.write(text), signal })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

const tell = (
  outcome: Granted | Refusal,
  more: { readonly password?: string },
  { terminal, json }: Invocation,
): ExitCode => {
  if (isRefusal(outcome)) throw refused(outcome)
  const { email, roles } = outcome
  if (json) terminal.printJson({ ...outcome, ...more })
  else {
    terminal.print(`${email} is ${roles.join(', ')}${more.password === undefined ? '' : `, password ${more.password}`}`)
    terminal.say('Roles are in the token: a session that is open has them after its next refresh.')
  }
  return exitCode.ok
}

const refused = ({ refused, detail = refused }: Refusal): Stop => new Stop(detail.replace(/\.$/, ''))
