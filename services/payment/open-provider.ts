import type { Database } from '@kit/postgres/queryable'
import type { Bank, Provider } from './provider.ts'
import { openSandbox } from './sandbox/sandbox.ts'

/** The provider that PAYMENT_URL names. `sandboxDatabase` is asked for only when it is the sandbox. */
export const openProvider = (url: string, sandboxDatabase: () => Database): Provider & Bank => {
  const { protocol } = new URL(url)
  if (protocol !== 'sandbox:') throw new Error(`PAYMENT_URL: there is no payment provider ${protocol}; write sandbox:`)
  return openSandbox(sandboxDatabase())
}
