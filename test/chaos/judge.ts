import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from '../cluster/kafka.ts'
import { openBooks, type Books } from '../laws/books.ts'
import type { Case } from '../laws/laws.ts'
import { checkLaws } from '../laws/check-laws.ts'
import { astray } from './astray.ts'
import { contradictions, outcomesOf } from './check.ts'
import type { History } from './history.ts'
import type { Done } from './nemesis.ts'
import type { FaultPlan } from './plan.ts'

export type Trial = {
  readonly url: string
  readonly history: History
  /** Units of each product that the shop opened with. */
  readonly opening: ReadonlyMap<string, number>
  readonly done: Done
  readonly expected: FaultPlan
  /** How often the shop has ended although nobody killed it. */
  readonly collapses: number
  /** The log, where it is not the database's. */
  readonly kafka?: Kafka
  readonly patience?: number
}

export type Verdict = {
  readonly violations: readonly string[]
  /** Purchases by how they ended. */
  readonly ends: Readonly<Record<string, number>>
  /** Accepted purchases in whose way only faults stood, and how many of them were completed. */
  readonly satisfiable: number
  readonly satisfied: number
  /** Seconds from the last fault until all was at rest and in order. */
  readonly restedAfter: number
}

/** After the last fault everything ends within so many ms. */
const PATIENCE = 30_000

/** Waits until all is at rest and in order, or the time is over; what is wrong then is the verdict. */
export const judge = async (given: Trial): Promise<Verdict> => {
  const { url, history, done, patience = PATIENCE } = given
  await using books = await openBooks(url)
  const deadline = Math.max(done.last, lastEvent(history)) + patience
  while ((await books.openSagas()) > 0 && Date.now() < deadline) await sleep(200)
  let broken = await complaints(books, given)
  while (broken.length > 0 && Date.now() < deadline) {
    await sleep(300)
    broken = await complaints(books, given)
  }
  const restedAfter = (Date.now() - done.last) / 1000
  const elsewhere = await notOnTheirWay(books, given, deadline)
  const cases = await books.cases()
  const { satisfiable, satisfied } = await fairShare(books, cases, history)
  const tooFew = satisfied * 2 < satisfiable ? [`liveness: ${satisfied} of ${satisfiable} were completed`] : []
  return {
    violations: [...broken, ...elsewhere, ...tooFew, ...(await neverPaid(books, cases, history)), ...missed(given)],
    ends: tally(cases),
    satisfiable,
    satisfied,
    restedAfter,
  }
}

/** Asked at least once, and again until nothing is missing or the time is over. */
const notOnTheirWay = async (books: Books, { kafka }: Trial, deadline: number): Promise<readonly string[]> => {
  if (kafka === undefined) return []
  let missing = await astray(books, kafka)
  while (missing.length > 0 && Date.now() < deadline) missing = await astray(books, kafka)
  return missing
}

const complaints = async (books: Books, { history, opening }: Trial): Promise<readonly string[]> => {
  const { accepted, unanswered } = outcomesOf(history)
  const seen = {
    history,
    opening,
    cases: await books.cases(),
    stock: await books.stock(),
    keys: await books.keys(),
    letters: await books.letters(),
    orphans: await books.orphans(),
    afterthoughts: await books.afterthoughts(),
  }
  return [...(await checkLaws(books, accepted, unanswered)), ...contradictions(seen)]
}

const lastEvent = (history: History): number => history.events.at(-1)?.at ?? 0

const fairShare = async (books: Books, cases: readonly Case[], history: History) => {
  const keys = await books.keys()
  const possible = cases.filter(({ id }) => {
    const meant = history.intents.get(keys.get(id) ?? '')
    return meant !== undefined && meant.kind.completes === true && meant.inStock
  })
  return { satisfiable: possible.length, satisfied: possible.filter(({ status }) => status === 'completed').length }
}

/** Each may expire when the shop is down too long; not all of them. */
const PAID_LATER = ['paid later by card', 'paid later by transfer']
/** Of so few all may. */
const FEW = 2

const neverPaid = async (books: Books, cases: readonly Case[], history: History): Promise<readonly string[]> => {
  const keys = await books.keys()
  return PAID_LATER.flatMap((name) => {
    const some = cases.filter(({ id }) => {
      const meant = history.intents.get(keys.get(id) ?? '')
      return meant?.kind.name === name && meant.inStock
    })
    if (some.length <= FEW || some.some(({ status }) => status === 'completed')) return []
    return [`liveness: none of ${some.length} purchases "${name}" was completed`]
  })
}

const tally = (cases: readonly Case[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(cases, ({ status }) => status)].map(([status, some]) => [status, some.length]))

/** A fault that never happened proves nothing, and one that nobody planned is none of ours. */
const missed = ({ collapses, done, expected: { failpoints: wanted, times, kills, kinds = [] } }: Trial) => {
  const killed = Object.values(done.kills).reduce((sum, n) => sum + n, 0)
  return [
    ...done.complaints,
    ...(collapses > 0 ? [`liveness: the shop has ended by itself ${collapses} times`] : []),
    ...wanted
      .filter((name) => (done.failpoints.get(name) ?? 0) < times)
      .map((name) => `proof: failpoint ${name} has fired ${done.failpoints.get(name) ?? 0} times of ${times}`),
    ...(killed < kills ? [`proof: ${killed} kills of ${kills}`] : []),
    ...kinds.filter((name) => !done.disturbances.has(name)).map((name) => `proof: ${name} has never happened`),
  ]
}
