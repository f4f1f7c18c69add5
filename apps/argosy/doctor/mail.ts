import { connect } from 'node:net'
import { once } from 'node:events'
import { parseConfig } from '@kit/config/config'
import { config } from '@services/mail/config'
import type { Check } from './check.ts'

const name = 'mail'

/** Where mail goes, and whether the server there can be reached. */
export const checkMail: Check = async (env) => {
  const parsed = parseConfig({ mail: config }, env)
  if (!parsed.ok) return []
  const { SMTP_URL } = parsed.values.mail
  if (SMTP_URL === 'inbox:') return [{ name, verdict: 'ok', found: 'kept in the built-in mailbox' }]
  const { hostname, port, protocol } = new URL(SMTP_URL)
  const usual = protocol === 'smtps:' ? 465 : 587
  const socket = connect({ host: hostname, port: Number(port || usual), timeout: 3_000 })
  try {
    await Promise.race([
      once(socket, 'connect'),
      once(socket, 'timeout').then(() => Promise.reject(new Error('no answer in 3 s'))),
    ])
    return [{ name, verdict: 'ok', found: `${hostname}:${port || usual} answers` }]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [{ name, verdict: 'broken', found: `the SMTP server cannot be reached: ${reason}`, fix: 'check SMTP_URL' }]
  } finally {
    socket.destroy()
  }
}
