import assert from 'node:assert/strict'
import { ConstraintBroken } from './queryable.ts'
import { inline } from './test-database.ts'

/** For tests of this folder: a table with a constraint of each kind. */
export const SCHEMA = `create table coin (
  id int constraint coin_id primary key,
  owner text not null constraint coin_owner check (owner <> ''),
  twin int constraint coin_twin references coin deferrable initially deferred
)`
export const insert = inline<{ id: number }>('insert into coin (id, owner) values ($1, $2) returning id')
export const ids = inline<{ id: number }>('select id from coin order by id')
export const idsOf = (rows: readonly { id: number }[]): readonly number[] => rows.map(({ id }) => id)

export const broken = (constraint: string) => (error: unknown) => {
  assert.ok(error instanceof ConstraintBroken, String(error))
  assert.equal(error.constraint, constraint)
  return true
}
