import assert from 'node:assert/strict'
import { RELAY, type Lag, type Log } from '@kit/log/log'
import { logMigrations } from '@kit/log/postgres/migrations'
import { deadLetterMigrations } from '@kit/messaging/migrations'
import { sender } from '@kit/messaging/send'
import { migrate } from '@kit/migrations/migrate'
import { systemPlatform } from '@kit/platform/system'
import { openDatabase, type OpenDatabase } from '@kit/postgres/database'
import { isTransient } from '@kit/fault/fault'
import { sql } from '@kit/postgres/statement'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import { eventually } from '../../eventually.ts'
import { freshDatabase } from '../fresh-database.ts'
import type { Ground } from './ground.ts'
import { Hired } from './hired.ts'
import type { MemberOptions } from './member.ts'
import { betweenIn, type Fault, type Noted } from './noted.ts'
import { openMemberLog } from './open-member-log.ts'
import { write } from './writing.ts'

type Numbers = { readonly key: string; readonly numbers: readonly number[] }

const selectSent = sql<Numbers>(import.meta.url, 'select-sent.sql')
const selectSeen = sql<Numbers>(import.meta.url, 'select-seen.sql')
const selectMissed = sql<{ topic: string }>(import.meta.url, 'select-missed.sql')
const countUnseen = sql<{ unseen: number }>(import.meta.url, 'count-unseen.sql')
const countByMember = sql<{ member: string; messages: number; last: number }>(import.meta.url, 'count-by-member.sql')
const insertFault = sql(import.meta.url, 'insert-fault.sql')
const deleteFault = sql(import.meta.url, 'delete-fault.sql')

/** Seconds: longer than any promise takes. */
const LONG = 3_600

let scenes = 0

/** Some groups and writers on a log, with a topic and a database of their own. */
export class Scene implements AsyncDisposable {
  readonly db: OpenDatabase
  /** The group that most promises are about; `<name>-…` are others. */
  readonly name: string
  readonly ground: Ground
  readonly databaseUrl: string
  readonly #keep: number
  readonly #owned = new AsyncDisposableStack()
  #log: Promise<Log> | undefined

  private constructor(ground: Ground, name: string, databaseUrl: string, keep: number) {
    this.ground = ground
    this.name = name
    this.databaseUrl = databaseUrl
    this.#keep = keep
    this.db = this.#owned.use(openDatabase({ url: databaseUrl, service: name, max: 4 }))
  }

  /** `keep`: how long what all have read is kept, in seconds. */
  static async open(ground: Ground, keep = LONG): Promise<Scene> {
    const name = `notes${++scenes}`
    const groups = [name, betweenIn(name)]
    const databaseUrl = await freshDatabase(ground.databaseUrl, `argosy_log_${ground.name}_${scenes}`)
    await migrate({
      url: databaseUrl,
      schemas: [
        { name: 'log', folders: [logMigrations], sharedWith: [...groups, RELAY] },
        ...groups.map((group) => ({
          name: group,
          folders: [deadLetterMigrations, new URL('./migrations/', import.meta.url)],
        })),
      ],
    })
    return new Scene(ground, name, databaseUrl, keep)
  }

  /** A process that reads or writes here. */
  async hire(
    member: string,
    does: Pick<MemberOptions, 'reads' | 'takes' | 'writes'>,
    failpoints?: string,
  ): Promise<Hired> {
    const { name: scene, databaseUrl } = this
    const { logUrl, together } = this.ground
    const options = {
      member,
      scene,
      logUrl,
      databaseUrl,
      keep: this.#keep,
      ...(together !== undefined && { together }),
      ...does,
    }
    return this.#owned.use(await Hired.start(options, failpoints))
  }

  /** One that reads for the scene's group. */
  reader(member: string, failpoints?: string): Promise<Hired> {
    return this.hire(member, { reads: this.name }, failpoints)
  }

  /** Sends messages in one transaction. */
  async say(...notes: readonly Noted[]): Promise<void> {
    const { partitionOf, committed } = await this.#observe()
    const send = sender({ platform: systemPlatform(), partitionOf, committed, enqueue: () => undefined })
    await write({ db: this.db, send, scene: this.name }, notes)
  }

  async lag(group: string): Promise<Lag | undefined> {
    return (await (await this.#observe()).lag()).find((lag) => lag.group === group)
  }

  async break(fault: Fault): Promise<void> {
    await this.db.query(insertFault, [fault])
  }

  async mend(fault: Fault): Promise<void> {
    await this.db.query(deleteFault, [fault])
  }

  /** The topics of which the group was told that their beginning is gone, as often as it was told. */
  async missed(group: string): Promise<readonly string[]> {
    return (await this.db.query(selectMissed, [group])).map(({ topic }) => topic)
  }

  sent(): Promise<readonly Numbers[]> {
    return this.db.query(selectSent)
  }

  seen(group = this.name): Promise<readonly Numbers[]> {
    return this.db.query(selectSeen, [group])
  }

  /** How many messages each member has handled since `id`, and the last of all. */
  async shares(id = 0): Promise<{ readonly of: ReadonlyMap<string, number>; readonly last: number }> {
    const rows = await this.db.query(countByMember, [this.name, id])
    return {
      of: new Map(rows.map(({ member, messages }) => [member, messages])),
      last: Math.max(id, ...rows.map(({ last }) => last)),
    }
  }

  /** Asks again while the server is away, too. */
  until(what: string, held: () => Promise<boolean>, patience: number): Promise<void> {
    const ask = (): Promise<boolean> =>
      held().catch((error: unknown) => {
        if (isTransient(error)) return false
        throw error
      })
    return eventually(what, ask, patience)
  }

  /** Until all that was sent has taken effect in the group; whether once and in order, `assertOnce` says. */
  async allSeen(patience: number, group = this.name): Promise<void> {
    let left = Infinity
    const look = async (): Promise<boolean> => {
      left = (await this.db.query(countUnseen, [group]))[0]?.unseen ?? 0
      return left === 0
    }
    await this.until(`${group} sees everything`, look, patience).catch((cause: unknown) => {
      throw new Error(`${left} messages are left after ${patience} ms`, { cause })
    })
  }

  /** Every message has taken effect once, in the order of its key. */
  async assertOnce(group = this.name): Promise<void> {
    const seen = new Map((await this.seen(group)).map(({ key, numbers }) => [key, numbers]))
    const sent = await this.sent()
    assert.ok(sent.length > 0, 'nothing was sent')
    for (const { key, numbers } of sent) {
      const all = seen.get(key) ?? []
      assert.deepEqual(this.ground.repeats === true ? withoutRepeats(all) : all, numbers, `key ${key} in ${group}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync()
  }

  /** The log in this process, which reads nothing. */
  #observe(): Promise<Log> {
    const telemetry = { log: openLog({ level: 'error' }), metrics: openMetrics() }
    const { databaseUrl } = this
    const { logUrl } = this.ground
    this.#log ??= openMemberLog({
      logUrl,
      databaseUrl,
      scene: this.name,
      groups: [],
      keep: this.#keep,
      platform: systemPlatform(),
      telemetry,
    }).then((log) => this.#owned.use(log))
    return this.#log
  }
}

/** A repeat begins anywhere in what went before, and leads up to where that ended without leaving anything out. */
const withoutRepeats = (numbers: readonly number[]): readonly number[] => {
  for (const [i, n] of numbers.entries()) {
    const before = numbers[i - 1] ?? 0
    assert.ok(n <= before + 1, `${n} comes after ${before} in ${numbers.join(' ')}`)
  }
  return [...new Set(numbers)]
}
