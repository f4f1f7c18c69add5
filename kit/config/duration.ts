import Type from 'typebox'
import type { TArray, TInteger } from 'typebox'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a text like `250ms`, `30s`, `10m`, `4h`, `30d` or `1h30m`; undefined when it is none. */
export const milliseconds = (text: string): number | undefined => {
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return undefined
  const parts = text.matchAll(/(\d+)(ms|s|m|h|d)/g)
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0)
}

/** The shortest of the texts that `milliseconds` reads back, in one unit. */
export const durationText = (ms: number): string => {
  const unit = ['d', 'h', 'm', 's'].find((name) => ms > 0 && ms % (UNITS[name] ?? 1) === 0) ?? 'ms'
  return `${ms / (UNITS[unit] ?? 1)}${unit}`
}

type DurationOptions = {
  readonly description: string
  readonly default?: string
  readonly minimum?: string
  readonly maximum?: string
}

/**
 * A setting written like `10m` and read as milliseconds. Its limits and default are written the same way.
 * Throws on a limit that is no duration.
 */
export const Duration = ({ description, ...limits }: DurationOptions): TInteger =>
  Type.Integer({
    description,
    format: 'duration',
    minimum: 0,
    ...Object.fromEntries(Object.entries(limits).map(([name, text]) => [name, required(text)])),
  })

/** A setting written like `4h,12h,22h` and read as milliseconds, in the order in which it stands. `[]` is none. */
export const Durations = ({
  description,
  default: texts,
}: {
  description: string
  default: string[]
}): TArray<TInteger> =>
  Type.Array(Type.Integer({ format: 'duration', minimum: 0 }), { description, default: texts.map(required) })

const required = (text: string): number => {
  const ms = milliseconds(text)
  if (ms === undefined) throw new Error(`"${text}" is no duration: write it like 30s, 10m or 4h`)
  return ms
}
