import type { Readable } from 'node:stream'
import { Refused } from '@kit/http/refused'
import { refuse } from '@kit/problem/refusal'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Bytes. */
export const BODY_LIMIT = 1_048_576

/** Leaves bodies as they come: what is inside is for the service to judge. */
export const acceptAnyBody = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
}

/** The body to send on: whole when small or of unknown length, else as a stream. Rejects one over 1 MiB. */
export const bodyToPass = async (request: FastifyRequest, small: number): Promise<Buffer | Readable | null> => {
  const stream = request.body as Readable | undefined
  if (stream === undefined) return null
  const declared = Number(request.headers['content-length'] ?? Number.NaN)
  if (declared > BODY_LIMIT) throw tooLarge()
  // Node's parser sees to it that no more comes than was declared.
  if (declared > small) return stream
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += (chunk as Buffer).length
    if (size > BODY_LIMIT) throw tooLarge()
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks, size)
}

const tooLarge = (): Refused => new Refused(refuse('payload-too-large', { detail: 'Send at most 1 MiB.' }))
