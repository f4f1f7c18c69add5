import assert from 'node:assert/strict'
import { test } from 'node:test'
import { services } from './fleet.ts'

test('what a projection is made of is told by its owner, and its name means no other', () => {
  const told = services.flatMap(({ name, facts = [] }) =>
    facts.flatMap(({ types }) => types.map(({ type, topic }) => ({ type, topic, by: name }))),
  )
  for (const { type, topic, by } of told) assert.equal(topic, `${by}.events`, `${type} is told by its owner`)
  const projections = services.flatMap(({ projections = [] }) => projections)
  for (const { name, from } of projections) {
    for (const { type } of from)
      assert.ok(
        told.some((one) => one.type === type),
        `${name}: nobody tells ${type}`,
      )
  }
  const names = projections.map(({ name }) => name)
  assert.equal(new Set([...names, 'orders']).size, names.length + 1, 'a name of `argosy rebuild` means one projection')
})
