// The shop's pages in a real browser, as wide as a phone: nothing sticks out, axe finds nothing, and they work without JavaScript.
import { AxeBuilder } from '@axe-core/playwright'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { Shop } from '../fleet/shop.ts'
import { startBrowser } from './browser.ts'
import { ifHere } from './not-here.ts'

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true } as const
const ADA = { email: 'ada@demo.test', password: 'argosy-demo' }

/** What the browser complained of: a policy that stops a page's own style or script is told nowhere else. */
const openPage = async (browser: Browser, url: string, options: BrowserContextOptions) => {
  const context = await browser.newContext({ ...PHONE, baseURL: url, ...options })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // A problem's page is a 404 on purpose.
    if (message.type() === 'error' && !message.text().includes('status of 40')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}

const assertFits = async (page: Page): Promise<void> => {
  const widths = '[document.documentElement.scrollWidth, window.innerWidth]'
  const [whole, shown] = await page.evaluate<readonly [number, number]>(widths)
  assert.ok(whole <= shown, `${page.url()} is ${whole} px wide on a screen of ${shown}`)
}

const assertAccessible = async (page: Page): Promise<void> => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { violations, passes } = await new AxeBuilder({ page }).withTags(tags).analyze()
  assert.ok(passes.length > 5, `axe looked at ${passes.length} rules only`)
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  assert.deepEqual(told, [], page.url())
}

const signIn = async (page: Page, id: string): Promise<void> => {
  await page.goto(`/o/${id}`)
  await page.getByLabel('E-mail').fill(ADA.email)
  await page.getByLabel('Password').fill(ADA.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'State' }).waitFor()
}

/** An order that waits for its payment, so that its page has all of its parts. */
const orderOf = async (shop: Shop): Promise<{ readonly id: string; readonly token: string }> => {
  const { body: session } = await shop.call('POST', '/api/v1/account/login', { body: ADA })
  const { body: products } = await shop.call('GET', '/api/v1/products?limit=1')
  const [product] = products.data
  const ada = { ...ADA, id: session.account.id, token: session.access_token, refresh: session.refresh_token }
  const { body } = await shop.buy(ada, [[product, 2]], { method: 'transfer' })
  return { id: body.purchase_id, token: session.access_token }
}

const lookAtAll = async (browser: Browser, url: string, id: string, colorScheme: 'light' | 'dark'): Promise<void> => {
  await using opened = await openPage(browser, url, { colorScheme })
  const { page, complaints } = opened
  const look = async (): Promise<void> => {
    await assertFits(page)
    await assertAccessible(page)
  }
  for (const path of ['/', `/o/${id}`, '/mailbox', '/mailbox?q=nothing-is-like-this', '/nowhere', '/problems']) {
    await page.goto(path)
    await look()
  }
  await page.goto('/mailbox')
  await page.getByRole('link', { name: 'Your Argosy purchase is confirmed' }).first().click()
  await page.getByRole('navigation', { name: 'Views' }).waitFor()
  await assertFits(page)
  // axe waits for ever for a frame that runs no script, as the letter's does.
  await page.getByRole('link', { name: 'Text' }).click()
  await look()
  await signIn(page, id)
  await look()
  assert.deepEqual(complaints, [])
}

const payWithoutJavaScript = async (browser: Browser, url: string, id: string): Promise<void> => {
  await using opened = await openPage(browser, url, { javaScriptEnabled: false })
  const { page } = opened
  await signIn(page, id)
  await page.getByText('Waits for your payment').waitFor()
  await page.getByLabel('Card number').fill('4111 1111 1111 1111')
  await page.getByRole('button', { name: /^Pay / }).click()
  await page.getByRole('alert').getByText('does not know this card').waitFor()
  await page.getByLabel('Card number').fill('4242 4242 4242 4242')
  await page.getByRole('button', { name: /^Pay / }).click()
  const complete = page.getByText('Complete', { exact: true })
  const late = AbortSignal.timeout(20_000)
  while (!(await complete.isVisible())) {
    late.throwIfAborted()
    await page.getByRole('link', { name: 'Look again' }).click()
  }
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
}

const followLetter = async (browser: Browser, url: string): Promise<void> => {
  await using opened = await openPage(browser, url, {})
  const { page } = opened
  await page.goto('/mailbox?template=purchase-completed')
  await page.getByRole('link', { name: 'Your Argosy purchase is confirmed' }).first().click()
  const tab = page.waitForEvent('popup')
  await page.frameLocator('iframe').getByRole('link').first().click()
  await (await tab).getByRole('heading', { name: 'Sign in' }).waitFor()
}

const watchFirstScreen = async (browser: Browser, url: string, shop: Shop): Promise<void> => {
  await using opened = await openPage(browser, url, {})
  const { page } = opened
  await page.goto('/')
  const bought = await orderOf(shop)
  await page.getByRole('heading', { name: 'On its way' }).waitFor()
  await shop.call('POST', `/api/v1/orders/${bought.id}/cancel`, { token: bought.token, body: {} })
  await page.locator('#purchase .bad').getByText('cancelled').waitFor()
}

test('pages in a browser', { timeout: 240_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const browser = await ifHere(startBrowser, (reason) => {
    // In CI it would be a test that nobody misses.
    if (process.env['CI'] === 'true') throw new Error(reason)
    t.skip(reason)
  })
  if (browser === undefined) return
  owned.defer(() => browser.close())
  const dataDir = mkdtempSync(join(tmpdir(), 'argosy-pages-'))
  owned.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const { url } = owned.use(await FleetProcess.start({ dataDir, env: { DEMO: 'on' } }))
  const shop = new Shop(url)
  const { id } = await orderOf(shop)

  for (const scheme of ['light', 'dark'] as const) {
    await t.test(`${scheme}: nothing sticks out at 390 px, and axe finds nothing`, () =>
      lookAtAll(browser, url, id, scheme),
    )
  }
  await t.test('an order is paid without JavaScript', () => payWithoutJavaScript(browser, url, id))
  await t.test('a link in a letter opens beside the mailbox', () => followLetter(browser, url))
  await t.test('the first screen shows a purchase as it goes', () => watchFirstScreen(browser, url, shop))
})
