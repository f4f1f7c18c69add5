import type { Finding } from './check.ts'

/** What the server has been told about keeping what it confirms. */
export type Durability = {
  readonly syncs: boolean
  readonly writes_full_pages: boolean
  readonly synchronous_commit: string
  readonly standby_names: string
  /** Of the URL. */
  readonly user: string
}

const name = 'durability'

/** Settings under which a crash takes away what was answered with success, or the database with it. */
export const durability = ({ syncs, writes_full_pages, synchronous_commit }: Durability): readonly Finding[] => {
  const warnings: Finding[] = []
  const warn = (found: string, setting: string): void => {
    warnings.push({ name, verdict: 'warning', found, fix: `alter system set ${setting} = on; select pg_reload_conf()` })
  }
  if (!syncs) warn('fsync is off: a crash of the machine may leave a database that cannot be read', 'fsync')
  if (!writes_full_pages)
    warn('full_page_writes is off: a crash of the machine may leave torn pages', 'full_page_writes')
  if (synchronous_commit === 'off')
    warn(
      'synchronous_commit is off: a crash loses what was answered with success a moment before',
      'synchronous_commit',
    )
  return warnings
}
