import type { Logger } from './telemetry.ts'

/**
 * Why this part of the process cannot do its work now, in words that anybody may read: no hosts, no data. Undefined
 * when it can. What it throws counts as a reason, too, and only the log is told which.
 */
export type Check = () => Promise<string | undefined>

/** What a process is asked for when somebody wants to know whether it is ready. Every part may add to it. */
export type Health = {
  /**
   * Asks `check` as well from now on, until disposed of. Throws when the name is taken. `vital: false`: without this the
   * process still does most of its work, and is ready.
   */
  readonly add: (name: string, check: Check, options?: { readonly vital?: boolean }) => Disposable
  /** Whether the process is not ready while the check of this name has a reason. */
  readonly isVital: (name: string) => boolean
  /**
   * The reason of each check that has one; undefined for the others. Takes 2 s at most, and asks once for all who want
   * to know.
   */
  readonly look: () => Promise<Findings>
}

export type Findings = Readonly<Record<string, string | undefined>>

export type HealthOptions = {
  readonly log: Logger
  /** How long a check may take, in ms; 2 s unless given. */
  readonly deadline?: number
  /** How long what was found answers those who ask again, in ms; 250 unless given: a flood of probes costs nothing. */
  readonly keep?: number
}

type Asked = { readonly since: number; readonly reason: Promise<string | undefined> }

export const openHealth = ({ log, deadline = 2_000, keep = 250 }: HealthOptions): Health => {
  const checks = new Map<string, Check>()
  const lesser = new Set<string>()
  const isVital = (name: string): boolean => !lesser.has(name)
  /** Questions without an answer: they are not asked again before they have one. */
  const open = new Map<string, Asked>()
  let last: { readonly findings: Promise<Findings>; until: number } | undefined
  let told = ''

  const ask = (name: string, check: Check): Asked => {
    const reason = attempt(check, (error) => log.warn({ check: name, error }, 'a check of readiness failed'))
    const asked = { since: performance.now(), reason }
    open.set(name, asked)
    void reason.finally(() => {
      if (open.get(name) === asked) open.delete(name)
    })
    return asked
  }

  const look = async (): Promise<Findings> => {
    const findings = Object.fromEntries(
      await Promise.all(
        [...checks].map(async ([name, check]) => {
          const { since, reason } = open.get(name) ?? ask(name, check)
          return [name, await within(reason, deadline - (performance.now() - since), deadline)] as const
        }),
      ),
    )
    const reasons = Object.entries(findings).filter(([, reason]) => reason !== undefined)
    const now = reasons.map(([name]) => name).join()
    const what = reasons.some(([name]) => isVital(name)) ? 'not ready' : 'ready for a part of its work'
    if (now !== told && reasons.length > 0) log.warn({ reasons: Object.fromEntries(reasons) }, what)
    if (now !== told && reasons.length === 0) log.info({}, 'ready again')
    told = now
    return findings
  }

  return {
    isVital,
    add: (name, check, { vital = true } = {}) => {
      if (checks.has(name)) throw new Error(`a check ${name} is there already; give this one another name`)
      checks.set(name, check)
      if (!vital) lesser.add(name)
      return {
        [Symbol.dispose]: () => {
          checks.delete(name)
          lesser.delete(name)
        },
      }
    },
    look: () => {
      if (last !== undefined && performance.now() < last.until) return last.findings
      const run = { findings: look(), until: Infinity }
      last = run
      void run.findings.finally(() => {
        run.until = performance.now() + keep
      })
      return run.findings
    },
  }
}

const attempt = async (check: Check, failed: (error: unknown) => void): Promise<string | undefined> => {
  try {
    return await check()
  } catch (error) {
    failed(error)
    const code = typeof error === 'object' && error !== null && 'code' in error ? ` (${String(error.code)})` : ''
    return `failed${code}`
  }
}

const within = async (
  reason: Promise<string | undefined>,
  left: number,
  deadline: number,
): Promise<string | undefined> => {
  const { promise: late, resolve } = Promise.withResolvers<string>()
  // Also when nothing is left: a reason that is there already wins.
  const timer = setTimeout(resolve, Math.max(0, left), `no answer within ${deadline} ms`)
  try {
    return await Promise.race([reason, late])
  } finally {
    clearTimeout(timer)
  }
}
