import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { hash, parseOptions, verify } from '@node-rs/argon2'
import { openLane } from './lane.ts'

/** OWASP's first choice for argon2id: 19 MiB, two passes, one thread. About 25 ms. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export type Passwords = {
  /** The password as a PHC string. */
  readonly hash: (password: string, signal?: AbortSignal) => Promise<string | Refusal<'busy'>>
  /** Whether the password has this hash. With no hash to compare it takes as long, and is false. */
  readonly matches: (
    hash: string | undefined,
    password: string,
    signal?: AbortSignal,
  ) => Promise<boolean | Refusal<'busy'>>
  /** Whether the hash was made at another cost than today's. */
  readonly outdated: (hash: string) => boolean
}

type Limits = { readonly PASSWORD_HASHERS: number; readonly PASSWORD_QUEUE: number }

/**
 * Hashes passwords, only a few at a time: each takes a core and a thread of libuv's pool, which the rest of the process
 * needs for files and names. A flood of sign-ins fills the queue, not the machine.
 */
export const openPasswords = ({ PASSWORD_HASHERS, PASSWORD_QUEUE }: Limits): Passwords => {
  const lane = openLane({ width: PASSWORD_HASHERS, queue: PASSWORD_QUEUE })
  const dummy = hash('nobody has this password', COST)

  const inTurn = async <T>(work: () => Promise<T>, signal = NEVER): Promise<T | Refusal<'busy'>> =>
    (await lane.pass(work, signal)) ??
    refuse('busy', {
      detail: 'Too many sign-ins are waiting. Try again in a moment.',
      retryAfter: Math.max(1, Math.ceil(lane.wait() / 1000)),
    })

  return {
    hash: (password, signal) => inTurn(() => hash(characters(password), COST), signal),
    matches: (known, password, signal) =>
      inTurn(async () => {
        const matches = await verify(known ?? (await dummy), characters(password))
        return matches && known !== undefined
      }, signal),
    outdated: (known) => {
      const { memoryCost, timeCost, parallelism } = parseOptions(known)
      return memoryCost !== COST.memoryCost || timeCost !== COST.timeCost || parallelism !== COST.parallelism
    },
  }
}

const NEVER = new AbortController().signal

/** The same characters in one encoding: keyboards differ in how they write an accent. */
const characters = (password: string): string => password.normalize('NFC')
