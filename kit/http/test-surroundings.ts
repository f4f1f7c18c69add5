import { fixedPlatform } from '@kit/platform/fixed'
import type { Platform } from '@kit/platform/platform'
import { refuse } from '@kit/problem/refusal'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Caller, Resources } from './route.ts'
import type { TokenVerifier } from './token.ts'

/** What the tests of this folder stand on: no output, a clock that a test sets, ids that count. */
export const surroundings = () => {
  const logged: {
    readonly level: string
    readonly message: string
    readonly fields: Readonly<Record<string, unknown>>
  }[] = []
  const observed: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[] = []
  const line = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    void logged.push({ level, message, fields })
  const log: Telemetry['log'] = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: () => log,
  }
  const metrics: Telemetry['metrics'] = {
    counter: () => ({ add: () => undefined }),
    gauge: () => ({ set: () => undefined }),
    histogram: () => ({ observe: (labels, value) => void observed.push({ labels, value }) }),
    collect: () => undefined,
  }
  const platform = fixedPlatform()
  return { telemetry: { log, metrics }, platform, logged, observed, later: platform.clock.advance }
}

/** For routes that touch no database. */
export const noDatabase = (platform: Platform): Resources => {
  const absent = () => Promise.reject(new Error('this test has no database'))
  return { db: { query: absent, transaction: absent }, platform, transact: absent }
}

/** Knows the callers given; their names are their tokens. */
export const verifierOf =
  (callers: Readonly<Record<string, Caller>>): TokenVerifier =>
  (token) =>
    callers[token] ?? refuse('unauthenticated', { detail: 'The access token is not valid.' })
