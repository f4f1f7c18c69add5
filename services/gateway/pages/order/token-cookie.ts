import type { FastifyReply, FastifyRequest } from 'fastify'

const NAME = 'argosy_token'

/**
 * The access token of who has signed in at an order's page: for these pages alone (the API reads no cookies), out of reach of
 * scripts, and not sent along by forms of other sites. It ends with the token.
 */
export const tokenOf = ({ headers: { cookie = '' } }: FastifyRequest): string | undefined =>
  cookie
    .split(';')
    .map((pair) => pair.trim().split('='))
    .find(([name]) => name === NAME)?.[1]

export const keepToken = (request: FastifyRequest, reply: FastifyReply, token: string): FastifyReply =>
  reply.header('set-cookie', `${NAME}=${token}; ${scopeFor(request)}; Max-Age=900`)

export const dropToken = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply.header('set-cookie', `${NAME}=; ${scopeFor(request)}; Max-Age=0`)

const scopeFor = ({ protocol }: FastifyRequest): string =>
  `Path=/o; HttpOnly; SameSite=Lax${protocol === 'https' ? '; Secure' : ''}`

/** Whether a form was sent from a page of ours, as browsers say of themselves; what is no browser has no cookie to misuse. */
export const isOwnForm = ({ headers, host }: FastifyRequest): boolean => {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin } = headers
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}
