// Every example of the API's description, sent to the demo shop as it stands.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { placeholders } from '@argosy/contracts/examples'
import { ask } from '../bad-input/ask.ts'
import { eventually } from '../eventually.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { contradiction, examplesOf, send } from './replay.ts'
import type { Replayable, Session } from './replay.ts'

/** What cannot succeed as it stands, with the refusal that it meets and why. */
const IMPOSSIBLE: Readonly<Record<string, { readonly code: string; readonly why: string }>> = {
  verify: { code: 'wrong-code', why: 'the code stands in a mail' },
  resendVerification: { code: 'code-sent-recently', why: 'the demo has opened its accounts less than a minute ago' },
  signInWithGoogle: { code: 'provider-not-configured', why: 'the demo has no provider' },
  returnFromGoogle: { code: 'provider-not-configured', why: 'the demo has no provider' },
  receiveSandboxWebhook: { code: 'webhook-not-signed', why: 'it is signed over its bytes and the time' },
}

const owned = new AsyncDisposableStack()
let fleet: FleetProcess

before(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'argosy-examples-'))
  owned.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  // The profile leaves an order unpaid, and is in a hurry to remind of it.
  const env = { DEMO: 'on', ARGOSY_PROFILE: 'demo', ORDER_REMINDERS: '1s', ORDER_EXPIRY: '10m' }
  fleet = owned.use(await FleetProcess.start({ dataDir, env }))
})
after(() => owned.disposeAsync())

const examples = async (): Promise<readonly Replayable[]> => {
  const { text } = await ask(fleet.url, { method: 'GET', path: '/openapi.json' })
  return examplesOf(JSON.parse(text))
}

const replayed = async (example: Replayable, session?: Session): Promise<any> => {
  const told = await send(fleet.url, example, session)
  const impossible = IMPOSSIBLE[example.id]
  if (impossible === undefined) assert.equal(contradiction(example, told), undefined)
  else assert.equal(JSON.parse(told.text).code, impossible.code, `${example.name}: ${told.text}`)
  return /json/.test(String(told.headers['content-type'])) ? JSON.parse(told.text) : undefined
}

/** What ends something for the others comes last. */
const lateness = ({ id, method }: Replayable): number => (id === 'logOut' ? 2 : method === 'DELETE' ? 1 : 0)

test('every example succeeds as it stands', async () => {
  const all = await examples()
  const sessions = new Map<string, Session>()
  for (const example of all.filter(({ id }) => id === 'logIn'))
    sessions.set(/\((\w+)\)/.exec(example.name)?.[1] ?? '', await replayed(example))
  const sessionOf = ({ as = 'customer' }: Replayable): Session | undefined => sessions.get(as)

  for (const example of all.filter(({ id }) => id === 'requestPurchase')) await replayed(example, sessionOf(example))
  // The document tells of what has happened since: the purchases, and the reminder.
  const pathOf = (some: readonly Replayable[], id: string): string => some.find((one) => one.id === id)?.path ?? ''
  const orderIn = (path: string): string => path.split('/')[4] ?? ''
  await eventually('two orders wait for their money, and one was reminded of', async () => {
    const now = await examples()
    const [oldest, newest] = [orderIn(pathOf(now, 'payOrder')), orderIn(pathOf(now, 'cancelPendingOrder'))]
    return oldest !== newest && !pathOf(now, 'unsubscribe').includes(placeholders.unsubscribe_token)
  })
  const rest = (await examples()).filter(({ id }) => id !== 'logIn' && id !== 'requestPurchase')
  for (const example of rest.toSorted((one, other) => lateness(one) - lateness(other)))
    await replayed(example, sessionOf(example))
  assert.ok(rest.length > 40, String(rest.length))
  for (const id of Object.keys(IMPOSSIBLE)) assert.ok(pathOf(rest, id) !== '', `${id} is no operation any more`)
})
