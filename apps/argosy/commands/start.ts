import { openLog } from '@kit/telemetry/log'
import { systemPlatform } from '@kit/platform/system'
import manifest from '../package.json' with { type: 'json' }
import { textOf } from '../command-line/command.ts'
import type { Command, Environment, Invocation } from '../command-line/command.ts'
import { showDemo } from '../demo/demo.ts'
import { shownAccounts, wantsDemo } from '../demo/people.ts'
import { findingSamples } from '../demo/samples.ts'
import { exitCode } from '../command-line/exit-code.ts'
import { tellOfFirstAdmin } from '../first-admin.ts'
import { choose, readConfig } from '../fleet/config.ts'
import { services, startFleet } from '../fleet.ts'
import type { Fleet } from '../fleet.ts'
import { killEmbedded } from '../kill-embedded.ts'
import { cannotListen, obstacleAt } from '../listening.ts'
import { withProfile } from '../profile.ts'
import { databaseUrl } from '../settings.ts'
import type { Settings } from '../settings.ts'
import { narratePhases } from '../terminal/phases.ts'
import { duration } from '../terminal/terminal.ts'
import { tellReady } from '../terminal/ready.ts'

/** Runs the shop, all services or some, until Ctrl-C. */
export const start: Command = {
  usage: ['[--only order,payment]'],
  options: { only: { type: 'string' } },
  help: [['--only', 'these services in this process; the others are reached by their URLs']],
  run: async (invocation) => {
    const began = performance.now()
    const { terminal, signal, onForce, onLate } = invocation
    const env = withProfile(invocation.env)
    const only = chosen(invocation)
    const settings = readEverything(env, only)
    const url = databaseUrl(settings)
    await requirePort(settings)
    onForce(() => killEmbedded(url))
    if (terminal.isPerson)
      terminal.say(`\n  argosy ${manifest.version}, node ${process.versions.node}, data in ${settings.DATA_DIR}\n`)
    const log = logFor(settings, invocation)
    let fleet: Fleet | undefined
    onLate((after) => {
      log.error(
        { closing: fleet?.closing ?? 'what had begun to start', after_ms: after },
        'not closed in time; ending at once',
      )
    })
    // Aborted when it has, and when it has failed.
    const started = new AbortController()
    const progress = narratePhases(terminal, AbortSignal.any([signal, started.signal]))
    const platform = systemPlatform({ failpoints: settings.ARGOSY_FAILPOINTS ?? '' })
    const hasDemo = wantsDemo(settings) && only === undefined
    const samples = hasDemo && shownAccounts(settings) && findingSamples(() => fleet?.urls.api, signal)
    try {
      fleet = await startFleet({
        env,
        ...(only !== undefined && { only }),
        log,
        platform,
        progress,
        signal,
        ...(samples && { samples }),
      })
    } catch (error) {
      started.abort()
      if (!signal.aborted) throw error
      terminal.say(terminal.paint('dim', '  ended before it was ready'))
      return exitCode.ok
    }
    try {
      const demo = hasDemo && !signal.aborted
      const shown = demo ? await showDemo({ base: fleet.urls.api, settings, progress, invocation }) : undefined
      started.abort()
      const hasAccounts = only === undefined || only.includes('account')
      if (shown === undefined && hasAccounts && !signal.aborted) await tellOfFirstAdmin({ env, terminal })
      if (!signal.aborted) tellReady({ ms: performance.now() - began, urls: fleet.urls, demo: shown, invocation })
      await aborted(signal)
    } finally {
      await drain(fleet, invocation)
    }
    return exitCode.ok
  },
}

const chosen = ({ values }: Invocation): readonly string[] | undefined =>
  textOf(values['only'])
    ?.split(',')
    .map((name) => name.trim())

/** Every service's settings are looked at before anything starts, so that all mistakes are told together. */
const readEverything = (env: Environment, only: readonly string[] | undefined): Settings =>
  readConfig(env, choose(services, only), openLog({ level: 'silent' })).own

/** Looked at first: nothing else need be started to find out. */
const requirePort = async ({ HOST, PORT }: Settings): Promise<void> => {
  const obstacle = await obstacleAt(HOST, PORT)
  if (obstacle !== undefined) throw cannotListen(HOST, PORT, obstacle)
}

/** Lines for people at a terminal, where only what needs attention is logged; JSON elsewhere. */
const logFor = ({ LOG_LEVEL }: Settings, { terminal, json }: Invocation) => {
  const human = terminal.isPerson && !json
  return openLog({ level: LOG_LEVEL ?? (human ? 'warn' : 'info'), human })
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const drain = async (fleet: AsyncDisposable, { terminal }: Invocation): Promise<void> => {
  const began = performance.now()
  terminal.say(terminal.paint('dim', '  draining (Ctrl-C again to end at once)'))
  await fleet[Symbol.asyncDispose]()
  terminal.say(`  stopped in ${duration(performance.now() - began)}`)
}
