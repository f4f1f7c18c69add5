import { parseConfig } from '@kit/config/config'
import { idFromKey } from '@kit/http/idempotency-key'
import { systemPlatform } from '@kit/platform/system'
import { config, transferTo } from '@services/payment/inspect'
import { textOf } from '../command-line/command.ts'
import type { Command, Invocation } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import type { ExitCode } from '../command-line/exit-code.ts'
import { openTables } from '../open-tables.ts'
import { addressOf, misconfigured, readSettings } from '../settings.ts'
import { numberOf } from '../terminal/listing.ts'
import { isId } from '../command-line/uuid.ts'
import { wrongForm } from '../command-line/wrong-form.ts'

/** Minor units. */
const AMOUNTS = { from: 1, to: 999_999_999_999 }
const WEBHOOK = '/api/v1/payments/webhooks/sandbox'

/** Plays what the sandbox cannot know: what customers do at their bank. */
export const sandbox: Command = {
  usage: ['transfer <purchase> [--amount 2500] [--key friday] [--url http://127.0.0.1:8080]'],
  options: { amount: { type: 'string' }, key: { type: 'string' }, url: { type: 'string' } },
  help: [
    ['--amount', 'another sum than is to be paid, in minor units'],
    ['--key', 'repeats with the same key are one transfer; a new one when absent'],
    ['--url', 'where the shop answers; HOST and PORT when absent'],
  ],
  run: async (invocation) => {
    const [verb, id] = invocation.positionals
    if (verb !== 'transfer' || id === undefined) throw wrongForm('sandbox', sandbox)
    return transfer(id, invocation)
  },
}

/** The money is in the sandbox's books first, then the shop is told, as a provider does it. */
const transfer = async (purchase_id: string, { env, json, terminal, values }: Invocation): Promise<ExitCode> => {
  const amount = values['amount'] === undefined ? undefined : numberOf(values, 'amount', 0, AMOUNTS)
  const platform = systemPlatform()
  const key = textOf(values['key']) ?? platform.newId()
  const sent = { id: idFromKey(purchase_id, key), purchase_id, amount, at: platform.clock.now() }
  await using tables = await openTables(env)
  const playing = { payments: tables.of('payment'), sandbox: tables.of('sandbox'), secrets: secretsIn(env) }
  const delivery = isId(purchase_id) ? await transferTo(playing, sent) : undefined
  if (delivery === undefined) {
    throw new Stop(`nobody has asked for a payment of the purchase ${purchase_id}`, {
      fix: `argosy trace ${purchase_id}`,
    })
  }
  const url = new URL(WEBHOOK, textOf(values['url']) ?? addressOf(readSettings(env)))
  const status = await tell(url, delivery, `argosy sandbox transfer ${purchase_id} --key ${key}`)
  if (json) terminal.printJson({ ...delivery, status })
  else terminal.print(`transferred; ${url.href} answered ${status}`)
  return exitCode.ok
}

type Delivery = NonNullable<Awaited<ReturnType<typeof transferTo>>>

/** `again` repeats the transfer: the money is sent once, and told of again. */
const tell = async (url: URL, { headers, body }: Delivery, again: string): Promise<number> => {
  const options = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body }
  const response = await fetch(url, options).catch((cause: unknown) => {
    throw new Stop(`the money is sent, but ${url.origin} does not answer to be told (${String(cause)})`, {
      fix: `argosy start, then ${again}; --url names a shop elsewhere`,
    })
  })
  if (response.ok) return response.status
  throw new Stop(`the money is sent, but the shop answered ${response.status}: ${await response.text()}`, {
    fix: again,
  })
}

const secretsIn = (env: Invocation['env']): readonly string[] => {
  const parsed = parseConfig({ payment: config }, env)
  if (!parsed.ok) throw misconfigured(parsed.mistakes)
  return parsed.values.payment.PAYMENT_WEBHOOK_SECRETS
}
