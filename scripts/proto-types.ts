// The TypeScript of a .proto file: a type for each message, a procedure for each method.
import type { FieldOnWire, MessageOnWire, Proto, ServiceOnWire } from './proto.ts'

/** The text of `<name>.ts` beside `<name>.proto`. */
export const typesOf = (name: string, proto: Proto): string => {
  const known = new Set(proto.messages.map((message) => message.name))
  return [
    `// Made from ${name}.proto: npm run check:procedures -- --write`,
    "import { procedure } from '@kit/rpc/procedure'",
    '',
    `const proto = new URL('./${name}.proto', import.meta.url)`,
    ...proto.messages.flatMap((message) => ['', ...messageType(message, known)]),
    ...proto.services.flatMap((service) => ['', ...procedures(proto.package, service)]),
    '',
  ].join('\n')
}

const messageType = ({ name, comment, fields }: MessageOnWire, known: ReadonlySet<string>): readonly string[] => [
  ...docs(comment, ''),
  ...(fields.length === 0
    ? [`export type ${name} = Readonly<Record<string, never>>`]
    : [`export type ${name} = {`, ...fields.flatMap((field) => property(name, field, known)), '}']),
]

const property = (message: string, field: FieldOnWire, known: ReadonlySet<string>): readonly string[] => {
  const { name, label, comment } = field
  const type = SCALARS.get(field.type) ?? (known.has(field.type) && label === 'repeated ' ? field.type : undefined)
  if (type === undefined) throw new Error(`${message}.${name}: no type is known for ${label}${field.type}`)
  const shape = label === 'repeated ' ? `readonly ${type}[]` : type
  return [...docs(comment, '  '), `  readonly ${name}${label === 'optional ' ? '?' : ''}: ${shape}`]
}

/** As kit/rpc/grpc/wire.ts reads them: 64-bit integers are numbers. */
const SCALARS: ReadonlyMap<string, string> = new Map([
  ['string', 'string'],
  ['bool', 'boolean'],
  ['int32', 'number'],
  ['int64', 'number'],
  ['double', 'number'],
])

const procedures = (packageName: string, { name, methods }: ServiceOnWire): readonly string[] => [
  `export const ${name} = {`,
  ...methods.flatMap((method) => [
    `  ${method.name}: procedure<${method.request}, ${method.answer}>({`,
    `    service: '${packageName}.${name}',`,
    `    method: '${method.name}',`,
    '    proto,',
    '  }),',
  ]),
  '}',
]

const docs = (comment: string | null, indent: string): readonly string[] =>
  comment === null ? [] : [`${indent}/** ${comment.replaceAll('\n', ' ')} */`]
