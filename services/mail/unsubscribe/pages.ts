import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'

const pages = new Eta({ views: fileURLToPath(new URL('./', import.meta.url)), cache: true })

/** Asks whether reminders shall end, with the button that ends them. */
export const explanationPage = (token: string): string => pages.render('./unsubscribe.html.eta', { token })

/** Says that they have ended. */
export const donePage = (): string => pages.render('./unsubscribe.html.eta', {})
