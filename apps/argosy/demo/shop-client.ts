import { Stop } from '../command-line/exit-code.ts'

/** The shop's public HTTP API, as any client would use it. Throws on an answer that is not 2xx. */
export class ShopClient {
  readonly #base: string
  readonly #token: string | undefined
  readonly #signal: AbortSignal

  constructor(base: string, signal: AbortSignal, token?: string) {
    this.#base = base
    this.#signal = signal
    this.#token = token
  }

  /** The same shop, signed in. */
  as(token: string): ShopClient {
    return new ShopClient(this.#base, this.#signal, token)
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#call('GET', path)
  }

  post<Answer>(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#call('POST', path, body, headers)
  }

  /** A response that goes on: for event streams. */
  open(path: string): Promise<Response> {
    return this.#fetch('GET', path, undefined, {})
  }

  async #call<Answer>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await this.#fetch(method, path, body, headers)
    // The shapes are those of contracts/http; a client elsewhere would check them no further either.
    return (await response.json()) as Answer
  }

  async #fetch(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const response = await fetch(new URL(path, this.#base), {
      method,
      signal: this.#signal,
      headers: {
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (response.ok) return response
    throw new Stop(`${method} ${path} answered ${response.status}: ${await response.text()}`)
  }
}
