import type { Environment } from './command-line/command.ts'

/** What a profile sets wherever the environment itself does not. */
const profiles: Readonly<Record<string, Environment>> = {
  // An order that nobody pays goes through its whole day while one looks on.
  demo: { ORDER_REMINDERS: '20s,40s,60s', ORDER_EXPIRY: '90s' },
}

/** The environment with the profile that it names; one that does not exist is a mistake that the settings tell. */
export const withProfile = (env: Environment): Environment => {
  const profile = profiles[env['ARGOSY_PROFILE'] ?? ''] ?? {}
  const absent = Object.entries(profile).filter(([name]) => !env[name] && !env[`${name}_FILE`])
  return { ...env, ...Object.fromEntries(absent) }
}
