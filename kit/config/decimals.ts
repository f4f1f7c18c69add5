import Type from 'typebox'
import type { TRecord, TString } from 'typebox'

type DecimalsOptions = {
  /** The names that a decimal may be given for. */
  readonly names: readonly string[]
  /** What one of the names is: `a port of the pilot book`. */
  readonly called: string
  readonly description: string
  readonly default: Readonly<Record<string, string>>
}

/**
 * A setting that gives names a decimal above 0 each: `{"USD":1,"EUR":0.92}`. Read as texts, digit by digit as written:
 * a floating-point number would be another one.
 */
export const Decimals = ({ names, called, ...keywords }: DecimalsOptions): TRecord<'^.*$', TString> => {
  const known = new Set(names)
  const flaws = (value: unknown): readonly string[] => flawsIn(value, known, called)
  return Type.Refine(
    Type.Record(Type.String(), Type.String(), { format: 'decimals', flaws, ...keywords }),
    (value) => flaws(value).length === 0,
  )
}

/** The object that a JSON text is, its numbers as they are written; the text itself when it is no JSON. */
export const decimalsIn = (text: string): unknown => {
  try {
    return JSON.parse(text, asWritten)
  } catch {
    return text
  }
}

const asWritten = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' ? (context?.source ?? value) : value

const flawsIn = (value: unknown, names: ReadonlySet<string>, called: string): readonly string[] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`${JSON.stringify(value)} is not a JSON object`]
  }
  return Object.entries(value).flatMap(([name, decimal]) => [
    ...(names.has(name) ? [] : [`${JSON.stringify(name)} is not ${called}`]),
    ...(isDecimal(decimal) ? [] : [`${JSON.stringify(name)} has ${JSON.stringify(decimal)}, no decimal above 0`]),
  ])
}

/** Long enough for any rate, and short enough that a slip of the finger stands out. */
const isDecimal = (value: unknown): boolean =>
  typeof value === 'string' && /^(0|[1-9]\d{0,14})(\.\d{1,20})?$/.test(value) && /[1-9]/.test(value)
