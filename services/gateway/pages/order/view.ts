import { money } from '@argosy/contracts/currency'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import type { Page } from '../page.ts'
import type { Story } from './story.ts'

/** The order's page for its owner. `note` is what has just been asked for; `complaint` why something was not done. */
export const orderPage = (
  id: string,
  story: Story,
  { note, complaint }: { readonly note?: string; readonly complaint?: string },
): Page => ({
  title: `Your order: ${story.state}`,
  body: markup`<h1>Your order</h1>
<p class="quiet">${id}, placed <time datetime="${story.at}">${story.at.slice(0, 16).replace('T', ' ')} UTC</time></p>
${note !== undefined && markup`<section role="status"><p>${note}</p></section>`}
${alert(complaint)}
<section>
<h2>State</h2>
<p class="state ${story.mood}">${story.state}</p>
<p>${story.next}</p>
<p><a href="/o/${id}">Look again</a></p>
</section>
${story.canPay && payForm(id, story)}
<section>
<h2>What you ordered</h2>
${linesOf(story)}
</section>
${story.canCancel && cancelForm(id)}
<form method="post" action="/o/${id}/sign-out"><button class="second">Sign out</button></form>`,
})

const linesOf = ({ lines, amount, refunded, currency_code }: Story): Html => markup`<table>
<thead><tr><th scope="col">Item</th><th scope="col" class="sum">Quantity</th><th scope="col" class="sum">Amount</th></tr></thead>
<tbody>${lines.map(
  (line) => markup`
<tr><th scope="row"><bdi>${line.name}</bdi></th><td class="sum">${line.quantity}</td><td class="sum">${money(line.amount, currency_code)}</td></tr>`,
)}
</tbody>
<tfoot><tr><th scope="row" colspan="2">Total</th><td class="sum">${money(amount, currency_code)}</td></tr>
${
  refunded > 0 &&
  markup`<tr><th scope="row" colspan="2">Refunded</th><td class="sum">${money(refunded, currency_code)}</td></tr>`
}</tfoot>
</table>`

const payForm = (id: string, { amount, currency_code }: Story): Html => markup`<section>
<h2>Pay</h2>
<form method="post" action="/o/${id}/pay">
<label for="card">Card number</label>
<input id="card" name="card" inputmode="numeric" autocomplete="cc-number" required>
<button>Pay ${money(amount, currency_code)}</button>
</form>
</section>`

const cancelForm = (id: string): Html => markup`<section>
<h2>Changed your mind?</h2>
<form method="post" action="/o/${id}/cancel"><button class="second">Cancel the order</button></form>
</section>`

/** Asks who is there. It is the same for every id, so that nobody learns here which orders there are. */
export const signInPage = (
  id: string,
  { email = '', complaint }: { email?: string; complaint?: string } = {},
): Page => ({
  title: 'Your order: sign in',
  body: markup`<h1>Your order</h1>
<p>Sign in with the account that you ordered with to see it.</p>
${alert(complaint)}
<section>
<h2>Sign in</h2>
<form method="post" action="/o/${id}/sign-in">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" value="${email}" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button>
</form>
</section>`,
})

/** For who is signed in and has no such order: it may be somebody else's, or there may be none. */
export const absentPage = (id: string): Page => ({
  title: 'Your order: not found',
  body: markup`<h1>Your order</h1>
<section>
<p>The account that you are signed in with has no order ${id}. If you have ordered with another account, sign in with that one.</p>
<form method="post" action="/o/${id}/sign-out"><button>Sign in with another account</button></form>
</section>`,
})

const alert = (complaint: string | undefined): Html | false =>
  complaint !== undefined && markup`<section role="alert"><p>${complaint}</p></section>`
