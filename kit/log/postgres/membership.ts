import { randomInt } from 'node:crypto'
import { notASession } from '@kit/postgres/pooler'
import type { Session } from '@kit/postgres/session'
import type { Logger } from '@kit/telemetry/telemetry'
import type { TopicPartition } from '../log.ts'
import { hash32 } from '../partition.ts'
import type { Wake } from './wake.ts'

/**
 * Sessions that hold an advisory lock of a group and have moved lately are its members. A dead process leaves at once, with its
 * session; one that is frozen keeps its session for ever, and counts no more as soon as it has not looked for a while.
 */
const MEMBERS = `
select classid::int8::text as group_hash, objid::int8::text as member, pg_backend_pid() as pid
  from pg_locks l
  join pg_stat_activity a using (pid)
 where locktype = 'advisory' and objsubid = 2 and granted
   and l.database = (select oid from pg_database where datname = current_database())
   and (pid = pg_backend_pid() or a.state_change is null or a.state_change > clock_timestamp() - interval '5 seconds')`

const SAME_SERVER = 'select s.system_identifier = c.system_identifier as same from log.state s, pg_control_system() c'
/** How long the log of another server may take to be settled in, in ms. */
const MOVE = 600_000

const CHANNEL = 'argosy_log'
const CHECK = 1_000
/** Without a look for so long, the others have taken over what was this member's. */
const BLIND = 5_000

export type MembershipOptions = {
  /** Opens a connection of its own, that lives as long as the membership. Its calls end within 5 s, one way or the other. */
  readonly open: (patience?: number) => Promise<Session>
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
  /** The server process of the session. */
  #pid: number | undefined
  #membersOf = new Map<string, readonly string[]>()
  /** Other processes are alive, with the same groups or others. */
  #others = false
  #closed = false
  #looking: Promise<void> | undefined
  #lookedAt = performance.now()
  #trouble: string | undefined
  #notifying = false
  #unsent = new Set<string>()

  private constructor(options: MembershipOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#refresh(), CHECK)
    this.#timer.unref()
  }

  static async join(options: MembershipOptions): Promise<Membership> {
    const membership = new Membership(options)
    try {
      const entering = membership.#enter()
      // The timer, or somebody else who begins, asks for a look meanwhile: that is this one.
      const entered = (): void => void (membership.#looking = undefined)
      membership.#looking = entering.then(entered, entered)
      await entering
    } catch (error) {
      await membership[Symbol.asyncDispose]()
      throw error
    }
    return membership
  }

  /** The partitions of a group that are this process's to read now. */
  readonly share = (group: string, all: readonly TopicPartition[]): readonly TopicPartition[] => {
    const members = this.#membersOf.get(group)
    if (members === undefined) return []
    const me = members.indexOf(String(this.#member))
    return all.filter((place, index) => (index + hash32(place.topic)) % members.length === me)
  }

  /** Why nothing can be read now: the other members cannot be seen. */
  readonly complaint = (): string | undefined => {
    if (this.#trouble !== undefined) return `the other readers cannot be seen: ${this.#trouble}`
    const blind = performance.now() - this.#lookedAt
    return blind > BLIND ? `the other readers have not been seen for ${Math.round(blind / 1000)} s` : undefined
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
    await this.#looking
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
      await this.#settleIdentity(session)
      this.#session = session
      this.#pid = undefined
      await session.notify(CHANNEL, 'members')
      await this.#look(session)
    } catch (error) {
      this.#session = undefined
      await session[Symbol.asyncDispose]()
      throw error
    }
  }

  /** A new session may be one to another server: after a restore, or a switch to a replica of other making. */
  async #settleIdentity(session: Session): Promise<void> {
    const [known] = await session.query<{ same: boolean }>(SAME_SERVER)
    if (known?.same === true) return
    // Looks through the whole log, which takes longer than a session for looking at the others has.
    await using patient = await this.#options.open(MOVE)
    const [row] = await patient.query<{ numbered: string | null }>('select log.settle_identity() as numbered')
    if (row?.numbered === null || row?.numbered === undefined) return
    const fields = { renumbered: Number(row.numbered) }
    this.#options.log.warn(fields, 'the log is on another server now; its numbers go on behind those that were known')
  }

  /** One look at a time; a look that takes longer than the next tick is not waited for twice. */
  #refresh(): Promise<void> {
    this.#looking ??= this.#lookAgain().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #lookAgain(): Promise<void> {
    if (this.#closed) return
    try {
      if (this.#session === undefined || this.#session.lost) {
        await this.#session?.[Symbol.asyncDispose]()
        this.#session = undefined
        await this.#enter()
      } else {
        await this.#look(this.#session)
      }
      this.#trouble = undefined
    } catch (error) {
      this.#membersOf = new Map()
      if (this.#trouble === undefined)
        this.#options.log.warn({ error: String(error) }, 'cannot see the other members; reading nothing until it works')
      this.#trouble = error instanceof Error ? error.message : String(error)
    }
  }

  async #look(session: Session): Promise<void> {
    const rows = await session.query<{ group_hash: string; member: string; pid: number }>(MEMBERS)
    // Its lock is another session's then, and would outlive this process.
    if (rows[0] !== undefined && rows[0].pid !== (this.#pid ??= rows[0].pid)) throw notASession()
    this.#lookedAt = performance.now()
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
