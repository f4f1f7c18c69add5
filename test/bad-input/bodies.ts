import type { Schema } from './document.ts'
import { fits, sampleOf, textOf, Typed } from './schema.ts'

/** A body with one mistake. `pointer` is where it is; absent when it is the whole body's. */
export type BadBody = { readonly what: string; readonly text: string; readonly pointer?: string }

const TYPED = ['1e309', '-1e309', '18446744073709551612'].map((text) => new Typed(text))
const BLANK: readonly unknown[] = [null, true, false, '', ' ', [], {}]
const NUMBERS: readonly unknown[] = [0, -1, 1.5, 2 ** 53, -(2 ** 63), ...TYPED]
const TEXTS: readonly unknown[] = ['x', '1', 'ǅ'.repeat(30_000), 'a\0b', '\ud800']
const LISTS: readonly unknown[] = [[[]], { $gt: '' }, Array.from({ length: 10_000 }, () => 0)]
const VALUES = [...BLANK, ...NUMBERS, ...TEXTS, ...LISTS]

/** Every field with every value that does not fit it, and every field that is required left out. */
export const fieldMistakes = (body: Schema): readonly BadBody[] => mistakesAt(body, '', (value) => value)

/** `around`: the whole body with a value put where this schema stands. */
const mistakesAt = (schema: Schema, pointer: string, around: (value: unknown) => unknown): readonly BadBody[] => [
  ...(pointer === '' ? [] : wrongValues(schema, pointer, around)),
  ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const sample = Object(sampleOf(schema))
    const at = `${pointer}/${name}`
    const left = Object.fromEntries(Object.entries(sample).filter(([other]) => other !== name))
    const isNeeded = schema.required?.includes(name) === true && inner.default === undefined
    return [
      ...(isNeeded
        ? [{ what: `${at} left out`, pointer: at, text: textOf(around({ ...left, unknown: { a: [1] } })) }]
        : []),
      ...mistakesAt(inner, at, (value) => around({ ...sample, [name]: value, [`${name}_unknown`]: null })),
    ]
  }),
  ...(schema.items === undefined ? [] : listMistakes(schema, schema.items, pointer, around)),
]

const wrongValues = (schema: Schema, pointer: string, around: (value: unknown) => unknown): readonly BadBody[] =>
  VALUES.filter((value) => !isStorable(value) || !fits(value, schema)).map((value) => ({
    what: `${pointer} = ${briefly(value)}`,
    pointer,
    text: textOf(around(value)),
  }))

const listMistakes = (
  schema: Schema,
  items: Schema,
  pointer: string,
  around: (value: unknown) => unknown,
): readonly BadBody[] => [
  {
    what: `${pointer} with 10,000 elements`,
    pointer,
    text: textOf(around(Array.from({ length: 10_000 }, () => sampleOf(items)))),
  },
  {
    what: `${pointer} with one too many`,
    pointer,
    text: textOf(around(Array.from({ length: (schema.maxItems ?? 0) + 1 }, () => sampleOf(items)))),
  },
  ...mistakesAt(items, `${pointer}/1`, (value) => around([sampleOf(items), value])),
]

/** Whatever the schema says, PostgreSQL has no NUL and no half of a surrogate pair. */
const isStorable = (value: unknown): boolean =>
  typeof value !== 'string' || (!value.includes('\0') && value.isWellFormed())

const briefly = (value: unknown): string => textOf(value).slice(0, 40)

/** What is wrong with any body, whatever its fields. */
export const bodyMistakes = (body: Schema | undefined): readonly BadBody[] => {
  const sample = textOf(body === undefined ? {} : sampleOf(body))
  const inside = (text: string): string => (sample === '{}' ? `{${text}}` : `{${text},${sample.slice(1)}`)
  const deep = (n: number): string => `${'['.repeat(n)}${']'.repeat(n)}`
  return [
    ...['{', '[1', '{"a":}', "{'a':1}", 'nonsense', '{"a":1}}', '{"a":NaN}', '\u0000', '﻿{}x'].map((text) => ({
      what: `broken JSON ${JSON.stringify(text)}`,
      text,
    })),
    ...(body === undefined
      ? []
      : ['[]', '"x"', '1', 'true', '1e309'].map((text) => ({ what: `a body of ${text}`, text }))),
    { what: '10,000 levels', text: deep(10_000) },
    { what: '100 levels in an unknown field', text: inside(`"unknown":${deep(100)}`) },
    { what: '100,000 open brackets', text: '{"a":'.repeat(100_000) },
    { what: '__proto__', text: inside('"__proto__":{"admin":true}') },
    { what: '__proto__ spelt with an escape', text: inside('"__pr\\u006fto__":{"admin":true}') },
    { what: '__proto__ deeper', text: inside('"unknown":[{"__proto__":{"admin":true}}]') },
    { what: 'constructor.prototype', text: inside('"constructor":{"prototype":{"admin":true}}') },
    { what: 'a key with NUL', text: inside('"a\\u0000":1') },
  ]
}
