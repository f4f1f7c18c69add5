import { fileURLToPath } from 'node:url'
import { money } from '@argosy/contracts/currency'
import { amountOf } from '@argosy/contracts/line'
import { Eta } from 'eta'
import type { Addressed, Template } from './letter.ts'
import type { Links } from './links.ts'
import { because, greeting, plain, time, timeLeft } from './wording.ts'

/** A letter as it is sent. */
export type Composed = {
  readonly subject: string
  readonly html: string
  readonly text: string
  /** Where its receiver may say that no more of the kind are wanted; absent where the letter is due anyway. */
  readonly unsubscribe?: string
}

/** `at`: when it is sent. */
export type Compose = (letter: Addressed, at: Date) => Composed

export type Store = { readonly name: string; readonly support: string; readonly links: Links }

const subjects: Readonly<Record<Template, (store: string) => string>> = {
  verification: (store) => `Your ${store} verification code`,
  welcome: (store) => `Welcome to ${store}`,
  'purchase-completed': (store) => `Your ${store} purchase is confirmed`,
  'payment-received': (store) => `${store} has received your payment`,
  'purchase-refused': (store) => `Your ${store} purchase did not go through`,
  'purchase-cancelled': (store) => `Your ${store} order was cancelled`,
  'payment-reminder': (store) => `Your ${store} order is waiting for your payment`,
  'payment-declined': (store) => `Your payment to ${store} was declined`,
  refund: (store) => `${store} has sent you a refund`,
}

/** What there is to be told. */
export const templates = Object.keys(subjects) as readonly Template[]

/** The templates whose subject holds the words, whatever their case. */
export const templatesNamed = (words: string, store: string): readonly Template[] =>
  templates.filter((template) => subjects[template](store).toLowerCase().includes(words.toLowerCase()))

/**
 * Renders letters from `templates/`, HTML and text. What people wrote is made plain first (`wording.ts`), and escaped in HTML;
 * the text part has nothing to escape. A subject has no part that a customer wrote, and the store's name cannot hold a
 * line break (`config.ts`).
 */
export const composer = ({ name: store, support, links }: Store): Compose => {
  const views = fileURLToPath(new URL('./templates/', import.meta.url))
  const html = new Eta({ views, cache: true })
  const text = new Eta({ views, cache: true, autoEscape: false, autoTrim: false })
  return ({ account_id, to, letter }, at) => {
    const { template } = letter
    const subject = subjects[template](store)
    // The mail asks for something: whoever does not want to be asked may say so. What tells of a fact is always sent.
    const unsubscribe = template === 'payment-reminder' ? links.unsubscribe(account_id) : undefined
    const order = 'purchase_id' in letter ? links.order(letter.purchase_id) : undefined
    const hello = greeting(to.first_name)
    const words = { money, amountOf, time, because, timeLeft: (until: string) => timeLeft(until, at) }
    const model = { store, support, subject, hello, order, unsubscribe, letter: plainIn(letter), ...words }
    return {
      subject,
      html: html.render(`./${template}.html.eta`, model),
      text: `${text.render(`./${template}.txt.eta`, model).trim()}\n`,
      ...(unsubscribe !== undefined && { unsubscribe }),
    }
  }
}

/** The same value with every text in it made plain. */
const plainIn = <T>(value: T): T => made(value) as T

const made = (value: unknown): unknown => {
  if (typeof value === 'string') return plain(value)
  if (Array.isArray(value)) return value.map(made)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, made(inner)]))
}
