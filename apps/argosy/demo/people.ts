import type { Role } from '@argosy/contracts/roles'
import { isForTrial } from '../settings.ts'
import type { Settings } from '../settings.ts'

/** The demo shop's accounts. Their password is public: the demo is off in production and off the loopback interface. */
export const demoPassword = 'argosy-demo'

export type DemoPerson = {
  readonly role: Role
  readonly email: string
  readonly first_name: string
  readonly last_name: string
}

export const people = {
  customer: { role: 'customer', email: 'ada@demo.test', first_name: 'Ada', last_name: 'Sailor' },
  seller: { role: 'seller', email: 'sam@demo.test', first_name: 'Sam', last_name: 'Merchant' },
  admin: { role: 'admin', email: 'admin@demo.test', first_name: 'Alex', last_name: 'Harbour' },
} as const satisfies Record<string, DemoPerson>

/** Its passwords are public, so it is for this machine only unless someone asks for it. */
export const wantsDemo = (settings: Settings): boolean => settings.DEMO ?? isForTrial(settings)

/** Whom the first screen names, with their password; nobody in production, even where someone has asked for the demo. */
export const shownAccounts = (settings: Settings) =>
  wantsDemo(settings) && settings.NODE_ENV !== 'production'
    ? { password: demoPassword, people: Object.values(people).map(({ role, email }) => ({ role, email })) }
    : undefined
