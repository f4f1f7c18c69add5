import type { Position } from '../log.ts'

/**
 * What a reader knows of a partition: all rows up to number `seq` are done, but for those of `gaps`: transactions that had not
 * ended when it looked, and may have drawn lower numbers. Rows up to `floor` were written on another server, whose transactions had
 * other ids.
 */
export type View = { readonly seq: number; readonly gaps: readonly string[]; readonly floor: number }

/** The view that a position stands for. */
export const viewOf = (position: Position): View => {
  const [, seq, snapshot] = /^(\d+)\+?@(\S+)$/.exec(position) ?? []
  if (seq === undefined || snapshot === undefined) throw new Error(`${position} is no position of a PostgreSQL log`)
  // It may have been taken on the server before this one: then its ids are those of the rows that came along.
  return { seq: Number(seq), gaps: gapsOf(snapshot), floor: 0 }
}

/** `cut`: rows behind `seq` were there as well when the snapshot was taken. */
export const positionOf = (seq: number, snapshot: string, cut: boolean): Position =>
  `${seq}${cut ? '+' : ''}@${snapshot}`

/** The transactions that were under way: the last part of a pg_snapshot, `xmin:xmax:xid,xid…`. */
export const gapsOf = (snapshot: string): readonly string[] =>
  snapshot
    .slice(snapshot.lastIndexOf(':') + 1)
    .split(',')
    .filter((xid) => xid !== '')
