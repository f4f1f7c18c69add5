import { createHash, createHmac, randomBytes } from 'node:crypto'

/** A refresh token says nothing: 256 random bits, known by their hash only. */
export const newRefreshToken = (): string => randomBytes(32).toString('base64url')

export const newSeed = (): Buffer => randomBytes(32)

/**
 * The token that follows `token`. It is derived, so that parallel refreshes get one and the same without its being stored;
 * neither the token alone nor the database alone is enough to find it.
 */
export const successorOf = (token: string, seed: Buffer): string =>
  createHmac('sha256', seed).update(token).digest('base64url')

export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()
