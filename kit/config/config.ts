import { readFileSync } from 'node:fs'
import type { Static, TObject } from 'typebox'
import { Check } from 'typebox/value'
import { flawsIn } from './addresses.ts'
import { expectation, settingsOf, valueOf, written } from './setting.ts'
import type { Setting } from './setting.ts'
import { meant } from './similar.ts'

/** The texts of the process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What is wrong with a setting and what to do about it. */
export type Mistake = { readonly name: string; readonly problem: string; readonly fix: string }

export type Parsed<Schemas> =
  | {
      readonly ok: true
      readonly values: {
        readonly [Part in keyof Schemas]: Schemas[Part] extends TObject ? Static<Schemas[Part]> : never
      }
      /** Names that resemble a setting and are none: probably misspelt. */
      readonly warnings: readonly Mistake[]
    }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] }

/**
 * Parses the environment once, for all parts together. The keys of a schema are names of the environment. An absent or
 * empty text gives the schema's default; `<NAME>_FILE` names a file that holds the text (its last line break is dropped).
 * Never throws: all mistakes are told together. `known` are names that mean something elsewhere.
 */
export const parseConfig = <const Schemas extends Readonly<Record<string, TObject>>>(
  schemas: Schemas,
  env: Environment,
  known: readonly string[] = [],
): Parsed<Schemas> => {
  const mistakes = new Map<string, readonly Mistake[]>()
  const values = Object.fromEntries(
    Object.entries(schemas).map(([part, schema]) => [part, parsePart(schema, env, mistakes)]),
  )
  const names = Object.values(schemas).flatMap((schema) => Object.keys(schema.properties))
  const warnings = misspelt(env, [...new Set([...names, ...known])])
  return mistakes.size > 0
    ? { ok: false, mistakes: [...[...mistakes.values()].flat(), ...warnings] }
    : { ok: true, values: values as Extract<Parsed<Schemas>, { ok: true }>['values'], warnings }
}

const parsePart = (
  schema: TObject,
  env: Environment,
  mistakes: Map<string, readonly Mistake[]>,
): Record<string, unknown> => {
  const values: Record<string, unknown> = {}
  for (const setting of settingsOf(schema.properties)) {
    const optional = !(schema.required ?? []).includes(setting.name)
    const outcome = parseSetting(setting, optional, env)
    if ('mistakes' in outcome) mistakes.set(setting.name, outcome.mistakes)
    else if (outcome.value !== undefined) values[setting.name] = outcome.value
  }
  return values
}

type Outcome = { readonly value: unknown } | { readonly mistakes: readonly Mistake[] }

const parseSetting = (setting: Setting, optional: boolean, env: Environment): Outcome => {
  const { name, schema, keywords } = setting
  const source = textOf(name, env)
  if ('mistake' in source) return { mistakes: [source.mistake] }
  if (source.text === undefined) {
    if (keywords.default !== undefined) return { value: keywords.default }
    return optional ? { value: undefined } : { mistakes: [missing(setting)] }
  }
  const value = valueOf(source.text, keywords)
  if (Check(schema, value)) return { value }
  const shown = keywords.secret === true ? 'its value' : JSON.stringify(source.text)
  const problems =
    keywords.format === 'addresses' && Array.isArray(value)
      ? flawsIn(value, keywords.schemes ?? [])
      : (keywords.flaws?.(value) ?? [`${shown} is not ${expectation(keywords)}`])
  return { mistakes: problems.map((problem) => ({ name, problem, fix: advice(setting) })) }
}

const textOf = (
  name: string,
  env: Environment,
): { readonly text: string | undefined } | { readonly mistake: Mistake } => {
  const text = env[name] || undefined
  const file = env[`${name}_FILE`] || undefined
  if (file === undefined) return { text }
  const complain = (problem: string, fix: string) => ({ mistake: { name: `${name}_FILE`, problem, fix } })
  if (text !== undefined) return complain(`${name} is set as well`, `Keep one of ${name} and ${name}_FILE.`)
  try {
    return { text: readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined }
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return complain(`the file ${file} cannot be read (${reason})`, `Name a readable file, or set ${name} itself.`)
  }
}

const missing = (setting: Setting): Mistake => ({ name: setting.name, problem: 'is not set', fix: advice(setting) })

const advice = ({ name, keywords }: Setting): string => {
  const sample = keywords.examples?.[0] ?? (keywords.secret === true ? undefined : keywords.default)
  // What is expected of a text with a form is told by its samples.
  const isTold = sample === undefined || (keywords.pattern !== undefined && keywords.type === 'string')
  const example = isTold ? '' : `, for example ${name}=${written(sample, keywords)}`
  const meaning = keywords.description === undefined ? '' : ` (${keywords.description.replace(/\.$/, '')})`
  return `Set ${name} to ${expectation(keywords)}${example}${meaning}.`
}

const misspelt = (env: Environment, known: readonly string[]): readonly Mistake[] => {
  const all = new Set(known.flatMap((name) => [name, `${name}_FILE`]))
  return Object.keys(env)
    .filter((name) => !all.has(name) && env[name])
    .flatMap((name) => {
      const right = meant(name, known)
      if (right === undefined || env[right]) return []
      return [{ name, problem: 'is not a setting and has no effect', fix: `Did you mean ${right}?` }]
    })
}

/** All mistakes as one text, one per line. */
export const mistakesText = (mistakes: readonly Mistake[]): string =>
  mistakes.map(({ name, problem, fix }) => `${name}: ${problem}. ${fix}`).join('\n')
