import { randomUUID } from 'node:crypto'

export type Answer<Body = any> = {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export type Person = { readonly id: string; readonly email: string; readonly token: string; readonly refresh: string }
export type Product = { readonly id: string; readonly price: number; readonly currency_code: string }

/** A client of the shop's public API, as curl would be: answers are data, whatever their status. */
export class Shop {
  readonly url: string
  constructor(url: string) {
    this.url = url
  }

  async call<Body = any>(
    method: string,
    path: string,
    { body, token, headers = {} }: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }

  /** Registers somebody new and signs them in. */
  async person(name = 'Ada', email = `${name.toLowerCase()}-${randomUUID()}@example.test`): Promise<Person> {
    const { status, body } = await this.call('POST', '/api/v1/account/register', {
      body: {
        email,
        password: 'correct horse battery staple',
        first_name: name,
        last_name: 'Löwe de la Cruz',
        address: '1 Quay Street',
        phone_number: '+441234567890',
      },
    })
    if (status >= 300) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`)
    return { id: body.account.id, email, token: body.access_token, refresh: body.refresh_token }
  }

  async category(seller: Person): Promise<string> {
    const { status, body } = await this.call('POST', '/api/v1/categories', {
      token: seller.token,
      body: { name: `Sails ${randomUUID()}`, description: 'What the wind pushes' },
    })
    if (status >= 300) throw new Error(`a category answered ${status}: ${JSON.stringify(body)}`)
    return body.category.id
  }

  async product(
    seller: Person,
    category: string,
    { name = 'Jib', price = 125, inventory = 1_000 }: { name?: string; price?: number; inventory?: number } = {},
  ): Promise<Product> {
    const { status, body } = await this.call('POST', '/api/v1/products', {
      token: seller.token,
      body: { category_id: category, name, description: 'A sail', brand_name: 'North', price, inventory },
    })
    if (status >= 300) throw new Error(`a product answered ${status}: ${JSON.stringify(body)}`)
    return body.product
  }

  /** Asks for a purchase. Lines are `[product, quantity]`. */
  buy(
    buyer: Person,
    lines: readonly (readonly [{ readonly id: string; readonly currency_code: string }, number])[],
    { card, method, headers }: { card?: string; method?: 'card' | 'transfer'; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return this.call('POST', '/api/v1/purchases', {
      token: buyer.token,
      ...(headers !== undefined && { headers }),
      body: {
        order_items: lines.map(([product, quantity]) => ({ product_id: product.id, quantity })),
        payment: {
          currency_code: lines[0]?.[0].currency_code ?? 'USD',
          ...(card !== undefined && { card }),
          ...(method !== undefined && { method }),
        },
      },
    })
  }

  /** Waits for the end of a purchase by its own event stream. Throws when it has none within `patience` ms. */
  async end(buyer: Person, id: string, patience = 20_000): Promise<any> {
    const response = await fetch(new URL(`/api/v1/purchases/${id}/events`, this.url), {
      headers: { authorization: `Bearer ${buyer.token}`, accept: 'text/event-stream' },
      signal: AbortSignal.timeout(patience),
    })
    // The stream closes after the purchase's last event.
    await response.text()
    return (await this.call('GET', `/api/v1/purchases/${id}`, { token: buyer.token })).body
  }
}
