import { parseConfig } from '@kit/config/config'
import type { Mistake } from '@kit/config/config'
import { fleet } from '../fleet/config.ts'
import { publicSecretIn } from '../fleet/public-secret.ts'
import { services } from '../fleet.ts'
import { settings } from '../settings.ts'
import { gateway } from '@services/gateway/service'
import type { Check, Finding } from './check.ts'

const name = 'configuration'

/** Every setting of every service; each mistake and each misspelt name is a finding of its own. */
export const checkConfiguration: Check = async (env) => {
  const theirs = Object.fromEntries(services.map(({ name, config }) => [name, config]))
  const parsed = parseConfig({ settings, fleet, gateway: gateway.config, ...theirs }, env)
  if (!parsed.ok) return parsed.mistakes.map(broken)
  const { settings: own, ...values } = parsed.values
  const publicSecret = publicSecretIn(Object(values).payment, own, true)
  if (publicSecret !== undefined) return [broken(publicSecret)]
  const warnings = parsed.warnings.map(
    (warning) => ({ name, verdict: 'warning', found: `${warning.name} ${warning.problem}`, fix: warning.fix }) as const,
  )
  return warnings.length > 0 ? warnings : [{ name, verdict: 'ok', found: 'all settings can be read' }]
}

const broken = (mistake: Mistake): Finding => ({
  name,
  verdict: 'broken',
  found: `${mistake.name}: ${mistake.problem}`,
  fix: mistake.fix,
})
