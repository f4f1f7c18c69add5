// Reads a .proto file: what `procedures.ts` makes types of, and compares with the last release's.
import protobuf from 'protobufjs'

export type Proto = {
  readonly package: string
  readonly messages: readonly MessageOnWire[]
  readonly services: readonly ServiceOnWire[]
}
export type MessageOnWire = {
  readonly name: string
  readonly comment: string | null
  readonly fields: readonly FieldOnWire[]
  readonly isReserved: (number: number) => boolean
}
export type FieldOnWire = {
  readonly number: number
  readonly name: string
  readonly label: '' | 'optional ' | 'repeated '
  /** `int64`, or the name of a message of the same file. */
  readonly type: string
  readonly comment: string | null
}
export type ServiceOnWire = {
  readonly name: string
  readonly methods: readonly { readonly name: string; readonly request: string; readonly answer: string }[]
}

/** Throws for what the procedures have no use for so far: streams, enums, maps, nested messages, oneof. */
export const readProto = (source: string): Proto => {
  const { root, package: name } = protobuf.parse(source, { keepCase: true, alternateCommentMode: true })
  if (name === undefined) throw new Error('it names no package')
  const { nestedArray } = root.lookup(name) as protobuf.Namespace
  const messages = nestedArray.filter((each) => each instanceof protobuf.Type).map(messageOf)
  const services = nestedArray.filter((each) => each instanceof protobuf.Service).map(serviceOf)
  if (messages.length + services.length < nestedArray.length) throw new Error('it has more than messages and services')
  return { package: name, messages, services }
}

const messageOf = (type: protobuf.Type): MessageOnWire => {
  if (type.nestedArray.length > 0) throw new Error(`${type.name} has something nested in it`)
  return {
    name: type.name,
    comment: type.comment,
    fields: type.fieldsArray.map((field) => fieldOf(type, field)),
    isReserved: (number) => (type.reserved ?? []).some((each) => typeof each !== 'string' && isWithin(number, each)),
  }
}

/** Both ends are of the range. */
const isWithin = (number: number, [from = 0, to = from]: readonly number[]): boolean => from <= number && number <= to

const fieldOf = (message: protobuf.Type, field: protobuf.Field): FieldOnWire => {
  const { id, name, type, repeated, options, partOf, comment } = field
  const isOptional = options?.['proto3_optional'] === true
  if (field instanceof protobuf.MapField || (partOf !== null && !isOptional))
    throw new Error(`${message.name}.${name} is of a map or a oneof`)
  return { number: id, name, label: repeated ? 'repeated ' : isOptional ? 'optional ' : '', type, comment }
}

const serviceOf = ({ name, methodsArray }: protobuf.Service): ServiceOnWire => ({
  name,
  methods: methodsArray.map((method) => {
    if (method.requestStream === true || method.responseStream === true) throw new Error(`${method.name} is a stream`)
    return { name: method.name, request: method.requestType, answer: method.responseType }
  }),
})
