import { money } from '@argosy/contracts/currency'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import type { Page } from '../page.ts'
import type { DemoAccounts, Product, Showcase } from './showcase.ts'

/** The first screen. `origin` is where the shop was reached: `http://127.0.0.1:8080`. */
export const homePage = (origin: string, { product, demo, purchase }: Showcase): Page => ({
  title: 'Argosy',
  body: markup`<h1>Argosy</h1>
<p>A shop in which every purchase is a durable saga: it ends completed, refused or cancelled exactly once.</p>
${demo !== undefined && whoCanSignIn(demo)}
<section>
<h2>On sale</h2>
${productOf(product)}
</section>
${demo !== undefined && product && buyByCurl(origin, demo, product)}
${demo !== undefined && lastPurchase(demo, purchase)}
<section>
<h2>Look around</h2>
<ul>
<li><a href="/docs">The API, to read and to try</a> (<a href="/openapi.json">OpenAPI 3.1</a>)</li>
<li><a href="/mailbox">Mail that the shop has sent</a>, when it keeps a mailbox</li>
<li><a href="/problems">Problems and what to do about them</a></li>
<li><a href="/readyz">Health</a> and <a href="/metrics">metrics</a></li>
</ul>
</section>`,
  ...(demo !== undefined && { script: '/live.js' }),
})

const whoCanSignIn = ({ password, people }: DemoAccounts): Html => markup`<section>
<h2>Who can sign in</h2>
<p>This is a demo; everybody may know these accounts. The password of all is <code>${password}</code></p>
<table>
<thead><tr><th scope="col">E-mail</th><th scope="col">Role</th></tr></thead>
<tbody>${people.map(({ email, role }) => markup`<tr><td><code>${email}</code></td><td>${role}</td></tr>`)}</tbody>
</table>
</section>`

const productOf = (product: Showcase['product']): Html => {
  if (product === undefined) return markup`<p>The catalogue cannot be asked at the moment.</p>`
  if (product === null)
    return markup`<p>Nothing can be bought yet. <a href="/docs">Put a product on sale</a>, and it is shown here.</p>`
  const { name, brand_name, description, price, currency_code, inventory } = product
  return markup`<p><strong><bdi>${name}</bdi></strong>${brand_name !== '' && markup`, <bdi>${brand_name}</bdi>`}: ${money(price, currency_code)}</p>
${description !== '' && markup`<p><bdi>${description}</bdi></p>`}
<p class="quiet">${inventory} in stock. <a href="/api/v1/products?limit=5">More, as the API tells it</a></p>`
}

/** Three lines for a shell. The address and the product's id have only characters that a shell leaves alone. */
const buyByCurl = (origin: string, { password, people }: DemoAccounts, { id, currency_code }: Product): Html => {
  const email = people.find(({ role }) => role === 'customer')?.email
  const login = JSON.stringify({ email, password })
  const basket = JSON.stringify({ order_items: [{ product_id: id, quantity: 1 }], payment: { currency_code } })
  const json = "-H 'Content-Type: application/json'"
  const bearer = '-H "Authorization: Bearer $TOKEN"'
  const field = (name: string): string => `| sed 's/.*"${name}":"\\([^"]*\\)".*/\\1/'`
  const lines = [
    `TOKEN=$(curl -s ${origin}/api/v1/account/login ${json} -d '${login}' ${field('access_token')})`,
    `ID=$(curl -s ${origin}/api/v1/purchases ${bearer} ${json} -d '${basket}' ${field('purchase_id')})`,
    `curl -s ${origin}/api/v1/purchases/$ID/events ${bearer}`,
  ]
  return markup`<section>
<h2>Buy it with curl</h2>
<p>Three lines for a shell: sign in, buy, and follow the purchase to its end.</p>
<pre id="buy" tabindex="0"><code>${lines.join('\n')}</code></pre>
</section>`
}

const lastPurchase = ({ people }: DemoAccounts, shown: Showcase['purchase']): Html => {
  const customer = people.find(({ role }) => role === 'customer')?.email
  return markup`<section id="purchase" aria-live="polite">
<h2>${shown?.purchase.status.toLowerCase() === 'pending' ? 'On its way' : 'The last purchase'}</h2>
${shown === undefined && markup`<p>Purchases cannot be asked at the moment.</p>`}
${shown === null && markup`<p>Nothing yet. Buy something, and its way is shown here.</p>`}
${shown && storyOf(shown, customer)}
</section>`
}

const storyOf = ({ purchase, history }: NonNullable<Showcase['purchase']>, customer?: string): Html => {
  const { purchase_id, amount, currency_code, status, lines } = purchase
  const first = Date.parse(history[0]?.at ?? '')
  return markup`<p>The last purchase of ${customer}: ${lines.map(({ name }) => name).join(', ')} for ${money(amount, currency_code)},
<span class="state ${moods[status.toLowerCase()]}">${status}</span></p>
<ol>${history.map(
    ({ step, what, at }) =>
      markup`<li>${step}${step !== '' && ': '}${what.replaceAll('-', ' ')} <span class="quiet">${Date.parse(at) - first} ms</span></li>`,
  )}</ol>
<p><a href="/o/${purchase_id}">Its page for the customer</a></p>`
}

const moods: Readonly<Record<string, string>> = { completed: 'good', refused: 'bad', cancelled: 'bad' }
