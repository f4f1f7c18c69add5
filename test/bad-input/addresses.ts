import type { Operation, Parameter, Schema } from './document.ts'
import { fits, sampleOf } from './schema.ts'

/** An address with one mistake, and how the answer names the place: `params: id`, `query: limit`. */
export type BadAddress = { readonly what: string; readonly path: string; readonly pointer?: string }

const ABSENT = '01930000-0000-7000-8000-0000000000ff'

/** The operation's address with these path and query values, as they stand. */
export const addressOf = (
  { path, parameters }: Operation,
  values: Readonly<Record<string, string>> = {},
  query = '',
): string => {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name) => values[name] ?? ABSENT)
  const needed = parameters.filter((one) => one.in === 'query' && one.required && !query.includes(`${one.name}=`))
  const asked = [...needed.map(({ name, schema }) => `${name}=${encodeURIComponent(String(sampleOf(schema)))}`), query]
  const text = asked.filter((part) => part !== '').join('&')
  return text === '' ? filled : `${filled}?${text}`
}

const IDS = [
  'x',
  '0',
  '-1',
  '1e309',
  '9007199254740992',
  '18446744073709551612',
  'null',
  'undefined',
  '__proto__',
  `' or 1=1 --`,
]
const MORE_IDS = [`${ABSENT}0`, `{${ABSENT}}`, ABSENT.replaceAll('-', ''), `${ABSENT}\n`, '[object Object]']
const TEXTS = [
  '',
  'x',
  '0',
  '-1',
  '1.5',
  '1e309',
  '-1e309',
  '9007199254740993',
  '18446744073709551612',
  'null',
  'true',
  'a,b',
]

export const badAddresses = (operation: Operation): readonly BadAddress[] => [
  ...(ANY_QUERY.test(operation.path) ? [] : STRANGERS.map((name) => stranger(operation, name))),
  ...operation.parameters.flatMap((parameter) => {
    if (parameter.in === 'path') return badIds(operation, parameter)
    return parameter.in === 'query' ? badQueries(operation, parameter) : []
  }),
  ...(operation.path.includes('{')
    ? ['%', '%zz', '%ff', '%00', 'x'.repeat(300), 'x'.repeat(5_000)].map((part) => ({
        what: `a path with ${part.slice(0, 20)}`,
        path: operation.path.replaceAll(/\{\w+\}/g, part),
      }))
    : []),
]

/** Addresses that others make or add to: a provider, and whoever counts clicks on links to pages. */
const ANY_QUERY = /^\/unsubscribe\/|^\/mailbox(\/\{id\})?$|\/google\/(login|callback)$/

/** Parameters that no operation has: a slip of one that many have, and two that others' tools send. */
const STRANGERS = ['limt', 'page_size', '__proto__']

const stranger = (operation: Operation, name: string): BadAddress => ({
  what: `an unknown ${name}`,
  pointer: `query: ${name}`,
  path: addressOf(operation, {}, `${name}=1`),
})

const badIds = (operation: Operation, { name }: Parameter): readonly BadAddress[] =>
  [...IDS, ...MORE_IDS].map((id) => ({
    what: `${name} = ${JSON.stringify(id)}`,
    pointer: `params: ${name}`,
    path: addressOf(operation, { [name]: encodeURIComponent(id) }),
  }))

const badQueries = (operation: Operation, parameter: Parameter): readonly BadAddress[] => {
  const { name, schema, required } = parameter
  const pointer = `query: ${name}`
  const bad = (what: string, query: string): BadAddress => ({ what, pointer, path: addressOf(operation, {}, query) })
  return [
    ...TEXTS.filter((text) => !fitsAsText(text, schema)).map((text) =>
      bad(`${name} = ${JSON.stringify(text)}`, `${name}=${encodeURIComponent(text)}`),
    ),
    ...(schema.type === 'string' && schema.enum === undefined && schema.maxLength !== undefined
      ? [bad(`${name} too long`, `${name}=${'x'.repeat(schema.maxLength + 1)}`)]
      : []),
    ...(name === 'cursor' ? CURSORS.map((text) => bad(`cursor ${text}`, `cursor=${text}`)) : []),
    bad(`${name} twice`, `${name}=${sampleText(schema)}&${name}=${sampleText(schema)}`),
    ...(required ? [{ what: `${name} left out`, pointer, path: without(operation, name) }] : []),
  ]
}

const CURSORS = ['x', 'e30', Buffer.from('{"at":[1e400,"x"],"of":""}').toString('base64url'), 'bnVsbA', '%F0%9F%92%A9']

const sampleText = (schema: Schema): string => encodeURIComponent(String(sampleOf(schema)))

const without = (operation: Operation, name: string): string => {
  const [path, query = ''] = addressOf(operation).split('?')
  return `${path}?${query
    .split('&')
    .filter((part) => !part.startsWith(`${name}=`))
    .join('&')}`
}

/** In an address there is only text: "5" is a number there. */
const fitsAsText = (text: string, schema: Schema): boolean => {
  if (schema.type !== 'integer' && schema.type !== 'number') return fits(text, schema)
  const number = Number(text)
  return text !== '' && Number.isFinite(number) && fits(number, schema)
}
