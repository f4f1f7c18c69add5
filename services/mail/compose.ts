import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import type { Letter, Recipient } from './letter.ts'
import { because, money, time } from './wording.ts'

/** A letter as it is sent. */
export type Composed = { readonly subject: string; readonly html: string; readonly text: string }

export type Compose = (to: Recipient, letter: Letter) => Composed

const subjects: Readonly<Record<Letter['template'], (store: string) => string>> = {
  verification: (store) => `Your ${store} verification code`,
  welcome: (store) => `Welcome to ${store}`,
  'purchase-completed': (store) => `Your ${store} purchase is confirmed`,
  'purchase-refused': (store) => `Your ${store} purchase did not go through`,
  'purchase-cancelled': (store) => `Your ${store} purchase was cancelled`,
}

/**
 * Renders letters from `templates/`, HTML and text. Every value is escaped in HTML; the text part has nothing to escape.
 * A subject has no part that a customer wrote, and the store's name cannot hold a line break (`config.ts`).
 */
export const composer = ({ store, support }: { store: string; support: string }): Compose => {
  const views = fileURLToPath(new URL('./templates/', import.meta.url))
  const html = new Eta({ views, cache: true })
  const text = new Eta({ views, cache: true, autoEscape: false, autoTrim: false })
  return (to, letter) => {
    const subject = subjects[letter.template](store)
    const model = { store, support, subject, to, letter, money, time, because }
    return {
      subject,
      html: html.render(`./${letter.template}.html.eta`, model),
      text: `${text.render(`./${letter.template}.txt.eta`, model).trim()}\n`,
    }
  }
}
