import type { TProperties, TSchema } from 'typebox'
import { decimalsIn } from './decimals.ts'
import { durationText, milliseconds } from './duration.ts'

/** One name of the environment and what may stand there. */
export type Setting = { readonly name: string; readonly schema: TSchema; readonly keywords: Keywords }

/** What a setting's schema may say, besides TypeBox's own keywords: `secret: true` keeps the value out of messages. */
type Keywords = {
  readonly type?: string
  readonly format?: string
  readonly default?: unknown
  readonly description?: string
  readonly secret?: boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly minLength?: number
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly { readonly const?: unknown }[]
  readonly examples?: readonly unknown[]
  /** Of addresses. */
  readonly schemes?: readonly string[]
  /** What is wrong with a value, where there are words for it. */
  readonly flaws?: (value: unknown) => readonly string[]
  /** Of a list. */
  readonly items?: Keywords
}

export const settingsOf = (properties: TProperties): readonly Setting[] =>
  Object.entries(properties).map(([name, schema]) => ({ name, schema, keywords: schema as Keywords }))

/** The value that a text of the environment stands for; the text itself when it stands for none of the wanted type. */
export const valueOf = (text: string, { type, format, items = {} }: Keywords): unknown => {
  switch (type ?? '') {
    case 'integer':
      return format === 'duration' ? (milliseconds(text) ?? text) : numberOf(text)
    case 'number':
      return numberOf(text)
    case 'boolean':
      return SWITCH.get(text.toLowerCase()) ?? text
    case 'array':
      return text.startsWith('[') && format !== 'addresses'
        ? jsonOf(text)
        : text.split(',').map((part) => valueOf(part.trim(), items))
    case 'object':
      return format === 'decimals' ? decimalsIn(text) : jsonOf(text)
    default:
      return text
  }
}

const SWITCH = new Map([
  ...['on', 'true', 'yes', '1'].map((word) => [word, true] as const),
  ...['off', 'false', 'no', '0'].map((word) => [word, false] as const),
])

const numberOf = (text: string): number | string => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text)

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What may stand there, in words: `a whole number from 1 to 65535`. */
export const expectation = (keywords: Keywords): string => {
  const choices = choicesOf(keywords)
  if (choices.length > 0) return `one of ${choices.join(', ')}`
  switch (keywords.type ?? '') {
    case 'integer':
      return keywords.format === 'duration'
        ? `a duration like 30s, 10m or 4h${limits(keywords, durationText)}`
        : `a whole number${limits(keywords, String)}`
    case 'number':
      return `a number${limits(keywords, String)}`
    case 'boolean':
      return 'on or off'
    case 'array':
      if (keywords.format === 'addresses') return 'one address or more, with commas'
      if (keywords.items?.format === 'duration') return 'durations with commas, like 4h,12h,22h'
      return keywords.items?.description === undefined
        ? 'a list with commas'
        : `a list with commas of ${keywords.items.description}`
    case 'object':
      return keywords.format === 'decimals' ? 'a JSON object of decimals' : 'a JSON object'
    default:
      return keywords.pattern === undefined ? `a text${length(keywords)}` : likeSamples(keywords)
  }
}

/** People read samples; the pattern only where there are none. */
const likeSamples = ({ pattern, examples, default: usual }: Keywords): string => {
  const samples = examples ?? (usual === undefined ? [] : [usual])
  return samples.length === 0 ? `a text that matches ${pattern}` : `a text like ${samples.join(' or ')}`
}

const length = ({ minLength = 0 }: Keywords): string => (minLength <= 1 ? '' : ` of ${minLength} characters or more`)

const choicesOf = (keywords: Keywords): readonly unknown[] =>
  keywords.enum ??
  (keywords.const === undefined
    ? (keywords.anyOf ?? []).flatMap((one) => (one.const === undefined ? [] : [one.const]))
    : [keywords.const])

const limits = ({ minimum, maximum }: Keywords, write: (limit: number) => string): string => {
  if (minimum !== undefined && maximum !== undefined) return ` from ${write(minimum)} to ${write(maximum)}`
  if (maximum !== undefined) return ` up to ${write(maximum)}`
  return minimum === undefined || minimum === 0 ? '' : ` from ${write(minimum)}`
}

/** How a value is written in the environment. */
export const written = (value: unknown, { type, format, items = {} }: Keywords): string => {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'number' && format === 'duration') return durationText(value)
  if (
    Array.isArray(value) &&
    type === 'array' &&
    value.every((one) => typeof one === 'string' || items.format === 'duration')
  )
    return value.map((one) => written(one, items)).join(',')
  if (format === 'decimals') return JSON.stringify(value).replaceAll(/:"([\d.]+)"/g, ':$1')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
