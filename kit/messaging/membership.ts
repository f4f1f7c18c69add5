import type { Session } from '@kit/postgres/session'
import { randomInt } from 'node:crypto'
import type { Logger } from '@kit/telemetry/telemetry'
import { hash32 } from './partition.ts'
import type { TopicPartition } from './positions.ts'
import type { Wake } from './wake.ts'

/** Sessions that hold an advisory lock of a group are its members: a dead process leaves by itself, at once. */
const MEMBERS = `
select classid::int8::text as group_hash, objid::int8::text as member
  from pg_locks
 where locktype = 'advisory' and objsubid = 2 and granted
   and database = (select oid from pg_database where datname = current_database())`

const CHANNEL = 'argosy_log'
const CHECK = 1_000

export type MembershipOptions = {
  /** Opens a connection of its own, that lives as long as the membership. */
  readonly open: () => Promise<Session>
  readonly groups: readonly string[]
  readonly wake: Wake
  readonly log: Logger
}

/**
 * Shares the partitions of each group among the processes that are alive, and wakes their readers after commits elsewhere.
 * For a moment two members may both think a partition theirs: the checkpoint's compare-and-set decides.
 */
export class Membership implements AsyncDisposable {
  readonly #options: MembershipOptions
  readonly #member = randomInt(1, 2 ** 31)
  readonly #timer: NodeJS.Timeout
  #session: Session | undefined
  #membersOf = new Map<string, readonly string[]>()
  /** Other processes are alive, with the same groups or others. */
  #others = false
  #closed = false
  #checking: Promise<void> = Promise.resolve()
  #notifying = false
  #unsent = new Set<string>()

  private constructor(options: MembershipOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#refresh(), CHECK)
    this.#timer.unref()
  }

  static async join(options: MembershipOptions): Promise<Membership> {
    const membership = new Membership(options)
    await membership.#enter()
    return membership
  }

  /** The partitions of a group that are this process's to read now. */
  readonly share = (group: string, all: readonly TopicPartition[]): readonly TopicPartition[] => {
    const members = this.#membersOf.get(group)
    if (members === undefined) return []
    const me = members.indexOf(String(this.#member))
    return all.filter((place, index) => (index + hash32(place.topic)) % members.length === me)
  }

  /** Tells the other processes of new messages, soon and many at once; says nothing while there are none. */
  readonly announce = (topics: Iterable<string>): void => {
    if (!this.#others) return
    for (const topic of topics) this.#unsent.add(topic)
    if (!this.#notifying) void this.#flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#checking
    await this.#session?.[Symbol.asyncDispose]()
  }

  async #enter(): Promise<void> {
    const session = await this.#options.open()
    try {
      await session.listen(CHANNEL, (payload) => {
        if (payload === 'members') void this.#refresh()
        else this.#options.wake.signal(payload.split(','))
      })
      for (const group of this.#options.groups) {
        await session.query('select pg_advisory_lock_shared($1::int, $2::int)', [hash32(group) | 0, this.#member])
      }
      this.#session = session
      await session.notify(CHANNEL, 'members')
      await this.#look(session)
    } catch (error) {
      this.#session = undefined
      await session[Symbol.asyncDispose]()
      throw error
    }
  }

  #refresh(): Promise<void> {
    this.#checking = this.#checking.then(async () => {
      if (this.#closed) return
      try {
        if (this.#session === undefined || this.#session.lost) {
          this.#membersOf = new Map()
          await this.#session?.[Symbol.asyncDispose]()
          this.#session = undefined
          await this.#enter()
        } else {
          await this.#look(this.#session)
        }
      } catch (error) {
        this.#membersOf = new Map()
        this.#options.log.warn({ error: String(error) }, 'cannot see the other members; reading nothing until it works')
      }
    })
    return this.#checking
  }

  async #look(session: Session): Promise<void> {
    const rows = await session.query<{ group_hash: string; member: string }>(MEMBERS)
    const found = Map.groupBy(rows, ({ group_hash }) => group_hash)
    const before = JSON.stringify([...this.#membersOf])
    this.#membersOf = new Map(
      this.#options.groups.map((group) => {
        // After a lost connection the server may hold this member's old lock a little longer.
        const members = [...new Set((found.get(String(hash32(group))) ?? []).map(({ member }) => member))]
        return [group, members.sort()]
      }),
    )
    this.#others = rows.some(({ member }) => member !== String(this.#member))
    if (JSON.stringify([...this.#membersOf]) !== before) this.#options.wake.signal(this.#options.wake.topics)
  }

  async #flush(): Promise<void> {
    this.#notifying = true
    try {
      while (this.#unsent.size > 0 && this.#session !== undefined) {
        const topics = [...this.#unsent]
        this.#unsent = new Set()
        await this.#session.notify(CHANNEL, topics.join())
      }
    } catch (error) {
      // The poll of the others is the net.
      this.#options.log.debug({ error: String(error) }, 'a wake-up was not sent')
    } finally {
      this.#notifying = false
    }
  }
}
