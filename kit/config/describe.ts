import type { TObject } from 'typebox'
import { expectation, settingsOf, written } from './setting.ts'

/** One setting, as documentation shows it. */
export type Described = {
  readonly name: string
  /** Who reads it. */
  readonly parts: readonly string[]
  readonly expects: string
  readonly default?: string
  readonly required: boolean
  readonly secret: boolean
  readonly description: string
}

/** All settings of the given schemas, by name. Defaults are in the source for all to read, those of secrets included. */
export const describeConfig = (schemas: Readonly<Record<string, TObject>>): readonly Described[] => {
  const rows = new Map<string, Described>()
  for (const [part, schema] of Object.entries(schemas)) {
    for (const { name, keywords } of settingsOf(schema.properties)) {
      rows.set(name, {
        name,
        parts: [...(rows.get(name)?.parts ?? []), part],
        expects: expectation(keywords),
        ...(keywords.default !== undefined && { default: written(keywords.default, keywords) }),
        required: keywords.default === undefined && (schema.required ?? []).includes(name),
        secret: keywords.secret === true,
        description: keywords.description ?? '',
      })
    }
  }
  return [...rows.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
