import type { Command, Environment } from '../command-line/command.ts'
import type { Check, Finding, Verdict } from '../doctor/check.ts'
import { checkConfiguration } from '../doctor/configuration.ts'
import { checkDatabase } from '../doctor/database.ts'
import { checkFolder } from '../doctor/folder.ts'
import { checkKafka } from '../doctor/kafka.ts'
import { checkLog } from '../doctor/log.ts'
import { checkMachine } from '../doctor/machine.ts'
import { checkMail } from '../doctor/mail.ts'
import { checkPort } from '../doctor/port.ts'
import { checkQueue } from '../doctor/queue.ts'
import { checkUpstreams } from '../doctor/upstreams.ts'
import { explain } from '../command-line/explain.ts'
import { exitCode } from '../command-line/exit-code.ts'
import type { Terminal } from '../terminal/terminal.ts'

const checks: readonly Check[] = [
  checkMachine,
  checkConfiguration,
  checkFolder,
  checkPort,
  checkDatabase,
  checkKafka,
  checkQueue,
  checkLog,
  checkMail,
  checkUpstreams,
]

/** Looks at everything a start needs, changes nothing, and says how to mend what is broken. */
export const doctor: Command = {
  usage: [''],
  run: async ({ env, json, terminal }) => {
    const findings: Finding[] = []
    for (const check of checks) {
      const found = await attempt(check, env)
      findings.push(...found)
      if (!json) for (const finding of found) tell(finding, terminal)
    }
    if (json) terminal.printJson(findings)
    return findings.some(({ verdict }) => verdict === 'broken') ? exitCode.unhealthy : exitCode.ok
  },
}

/** What a check throws is a finding, too. Wrong settings stop many checks and are told once, by their own. */
const attempt = async (check: Check, env: Environment): Promise<readonly Finding[]> => {
  try {
    return await check(env)
  } catch (error) {
    const { line, code } = explain(error)
    if (code === exitCode.usage && check !== checkConfiguration) return []
    return [{ name: check.name.replace('check', '').toLowerCase(), verdict: 'broken', found: line }]
  }
}

const MARKS: Readonly<Record<Verdict, readonly [mark: string, colour: 'green' | 'yellow' | 'red']>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  broken: ['✗', 'red'],
}

const tell = ({ name, verdict, found, fix }: Finding, { print, paintData }: Terminal): void => {
  const [mark, colour] = MARKS[verdict]
  print(`  ${paintData(colour, mark)} ${name.padEnd(14)} ${found}${fix === undefined ? '' : `. Fix: ${fix}`}`)
}
