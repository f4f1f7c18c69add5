import { services } from '@apps/argosy/fleet'
import { fleet } from '@apps/argosy/fleet/config'
import { settings } from '@apps/argosy/settings'
import { describeConfig } from '@kit/config/describe'
import { gateway } from '@services/gateway/service'

/** Every environment variable, with what it takes, its default and meaning, and who reads it. */
export const settingsTable = (): string => {
  const theirs = services.map(({ name, config }) => [name, config] as const)
  const described = describeConfig({ start: settings, fleet, gateway: gateway.config, ...Object.fromEntries(theirs) })
  const rows = described.map(
    ({ name, parts, expects, default: value, description }) =>
      `| \`${name}\` | ${briefly(expects)} | ${value === undefined || value === '' ? '' : `\`${value}\``} | ${description} | ${parts.join(', ')} |`,
  )
  return ['| Variable | Takes | Default | Meaning | Read by |', '|---|---|---|---|---|', ...rows.map(plain)].join('\n')
}

/** Without the samples of a text: the description says what it is. */
const briefly = (expects: string): string => expects.replace(/^a text like .*$/, 'a text')

/** Angle brackets are text, not tags; a bar would end the cell. */
const plain = (row: string): string => row.replaceAll('<', '&lt;')
