import type { Mode } from '@kit/messaging/together/together'

/** A log on real servers. */
export type Ground = AsyncDisposable & {
  readonly name: string
  readonly logUrl: string
  /** Of a PostgreSQL for the services' databases, as somebody who may create databases and roles. */
  readonly databaseUrl: string
  /** A group between who sends and who reads hands on what it reads, in this way where both are in one process. */
  readonly together?: Mode
  /** Where else than after its commit a process that sends is killed, as `ARGOSY_FAILPOINTS` spells it. */
  readonly failpoints?: readonly string[]
  /** kill -9 of what keeps the log, or of as much of it as the log must survive. */
  readonly kill: () => Promise<void>
  /** Starts again what was killed, and waits until it answers. */
  readonly run: () => Promise<void>
  /** It stands still until what is returned is disposed of. */
  readonly freeze: () => Disposable
  /** Whoever takes over from one that has died may send again what that one had sent; absent: each is sent once. */
  readonly repeats?: boolean
  /** Deletes all messages of a topic, where they do not go by themselves when all have read them. */
  readonly drop?: (topic: string) => Promise<void>
  /** Forgets a group, which may begin anew. */
  readonly forget: (databaseUrl: string, group: string) => Promise<void>
}

/** What it promises, and what it has to go through for that. */
export type Promised = readonly [name: string, keep: (ground: Ground) => Promise<void>]
