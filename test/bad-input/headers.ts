import type { Operation } from './document.ts'
import { fits, sampleOf } from './schema.ts'

/** The headers of a request with one mistake in them, and how the answer names the place. */
export type BadHeaders = {
  readonly what: string
  readonly headers: Readonly<Record<string, string>>
  readonly pointer: string
}

const VALUES = ['', 'x', '"', 'é', 'a b', 'a,b', '*, *', 'x'.repeat(129), 'x'.repeat(300), 'x'.repeat(3_000)]

/** Those that the operation cannot do without. */
export const neededHeaders = ({ parameters }: Operation): Readonly<Record<string, string>> =>
  Object.fromEntries(
    parameters
      .filter((one) => one.in === 'header' && one.required)
      .map(({ name, schema }) => [name, String(sampleOf(schema))]),
  )

export const badHeaders = (operation: Operation): readonly BadHeaders[] =>
  operation.parameters
    .filter((one) => one.in === 'header')
    .flatMap(({ name, schema, required }) => {
      const { [name]: _own, ...others } = neededHeaders(operation)
      const pointer = `header: ${name}`
      return [
        ...(required ? [{ what: `${name} left out`, pointer, headers: others }] : []),
        ...VALUES.filter((value) => !fits(value, schema)).map((value) => ({
          what: `${name}: ${value.slice(0, 9)}`,
          pointer,
          headers: { ...others, [name]: value },
        })),
      ]
    })
