import { request } from 'node:http'

export type Asked = {
  readonly method: string
  /** Path and query, sent as they are: nothing is normalised. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer | undefined
}

export type Told = {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** One request, with nothing made good on the way as `fetch` would. */
export const ask = (url: string, { method, path, headers = {}, body }: Asked): Promise<Told> => {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const sent = request({ hostname, port, method, path, headers: { ...length, ...headers } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => (text += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
      answer.on('error', reject)
    })
    sent.setTimeout(20_000, () => sent.destroy(new Error(`${method} ${path.slice(0, 100)} was not answered`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Asks many, some at a time, and returns what there is to complain of. */
export const complaintsOf = async <Case>(
  cases: readonly Case[],
  complain: (one: Case) => Promise<string | undefined>,
): Promise<readonly string[]> => {
  const complaints: string[] = []
  let next = 0
  const asker = async (): Promise<void> => {
    for (let one = cases[next++]; one !== undefined; one = cases[next++]) {
      const complaint = await complain(one)
      if (complaint !== undefined) complaints.push(complaint)
    }
  }
  await Promise.all(Array.from({ length: 8 }, asker))
  return complaints
}

/** The whole answer, byte by byte, but for what names this one request. */
export const comparable = ({ status, headers, text }: Told, id: string): string => {
  const { date: _date, 'x-request-id': trace, ratelimit: _ratelimit, ...rest } = headers
  const own = (whole: string): string => whole.replaceAll(id, '<id>').replaceAll(String(trace), '<trace>')
  return own(`${status} ${JSON.stringify(rest)} ${text}`)
}
