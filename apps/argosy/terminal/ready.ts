import type { Invocation } from '../command-line/command.ts'
import type { Demo } from '../demo/demo.ts'
import { demoPassword, people } from '../demo/people.ts'
import type { DemoPerson } from '../demo/people.ts'
import { duration, table } from './terminal.ts'

export type Ready = {
  /** From the command to here. */
  readonly ms: number
  readonly urls: Readonly<Record<string, string>>
  readonly demo: Demo | undefined
  readonly invocation: Pick<Invocation, 'terminal' | 'json'>
}

/** The shop is open: a table of where to go for people, one line of JSON for programs. */
export const tellReady = ({ ms, urls, demo, invocation: { terminal, json } }: Ready): void => {
  if (json || !terminal.isPerson) {
    const person = ({ email, role }: DemoPerson) => ({ email, role, password: demoPassword })
    const users = demo === undefined ? [] : Object.values(people).map(person)
    terminal.print(JSON.stringify({ event: 'ready', ms: Math.round(ms), urls, users }))
    return
  }
  const { print, paintData } = terminal
  print(`\n  ${paintData('bold', `Ready in ${duration(ms)}`)}   ${paintData('dim', 'Ctrl-C to stop')}\n`)
  const places = Object.entries(urls).map(([name, url]) => ['Open', name, paintData('cyan', url)])
  const signIns = Object.values(people).map(({ role, email }) => ['Sign in', role, email, demoPassword])
  for (const line of table([...places, ...(demo === undefined ? [] : signIns)])) print(`  ${line}`)
  const [command, gives] = next(demo)
  print(`\n  Try      ${paintData('cyan', command)}\n           ${paintData('dim', gives)}\n`)
}

const next = (demo: Demo | undefined): readonly [command: string, gives: string] =>
  demo?.purchase === undefined
    ? ['./1kpurchases.sh', 'a thousand purchases, counted and checked']
    : [`npm run argosy trace ${demo.purchase}`, 'the whole story of that first purchase']
