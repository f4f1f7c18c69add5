import type { Static, TObject, TProperties } from 'typebox'
import { Compile } from 'typebox/compile'

/**
 * A fact or a wish on its way between services. `key` decides the order: messages of one key stay in sequence.
 * The envelope (id, time, correlation, trace) belongs to the shell and is never part of the data.
 */
export type Message<Name extends string = string, Data = unknown> = {
  readonly kind: 'command' | 'event'
  readonly type: Name
  readonly key: string
  readonly data: Data
}

/** One constant for the wire name, the schema, the static type and the constructor. */
export type MessageType<Name extends string = string, Properties extends TProperties = TProperties> = {
  (data: Static<TObject<Properties>>): Message<Name, Static<TObject<Properties>>>
  readonly type: Name
  readonly kind: 'command' | 'event'
  /** The stream it travels on: `<service>.commands` or `<service>.events`. */
  readonly topic: string
  /** The field of the data whose value is the key. */
  readonly keyedBy: keyof Properties & string
  readonly schema: TObject<Properties>
  /** The message with its data checked against the schema. Throws an error that names the type and the first mismatch. */
  readonly parse: (data: unknown) => Message<Name, Static<TObject<Properties>>>
}

/** Any message type: what registries and subscriptions are made of. */
export type AnyMessageType = {
  readonly type: string
  readonly kind: 'command' | 'event'
  readonly topic: string
  readonly parse: (data: unknown) => Message
}

/** The data that messages of this type carry. */
export type DataOf<T extends AnyMessageType> = ReturnType<T['parse']>['data']

class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

/** Something a service is asked to do. The name is imperative: `inventory.reserve-stock.v1`. */
export const command = <const Name extends string, Properties extends TProperties>(
  name: Name,
  key: keyof Properties & string,
  schema: TObject<Properties>,
): MessageType<Name, Properties> => define('command', name, key, schema)

/** Something that has happened. The name is in the past tense: `order.order-placed.v1`. */
export const event = <const Name extends string, Properties extends TProperties>(
  name: Name,
  key: keyof Properties & string,
  schema: TObject<Properties>,
): MessageType<Name, Properties> => define('event', name, key, schema)

const define = <const Name extends string, Properties extends TProperties>(
  kind: 'command' | 'event',
  name: Name,
  key: keyof Properties & string,
  schema: TObject<Properties>,
): MessageType<Name, Properties> => {
  const validator = Compile(schema)
  type Data = Static<TObject<Properties>>
  const make = (data: Data): Message<Name, Data> => ({ kind, type: name, key: keyOf(data, key), data })
  const parse = (data: unknown): Message<Name, Data> => {
    if (validator.Check(data)) return make(data)
    const [first] = validator.Errors(data)
    throw new MalformedMessage(`${name}: ${first?.instancePath ?? ''} ${first?.message ?? 'does not match its schema'}`)
  }
  return Object.assign(make, { type: name, kind, topic: topicOf({ type: name, kind }), keyedBy: key, schema, parse })
}

/** The stream that a message travels on: `inventory.commands` for `inventory.reserve-stock.v1`. */
export const topicOf = ({ type, kind }: Pick<Message, 'type' | 'kind'>): string =>
  `${type.slice(0, type.indexOf('.'))}.${kind}s`

/** A message's name for people: `stock reserved` for `inventory.stock-reserved.v1`. */
export const wordsOf = (type: string): string => (type.split('.')[1] ?? type).replaceAll('-', ' ')

const keyOf = (data: unknown, key: string): string => {
  const value: unknown = Object(data)[key]
  if (typeof value !== 'string') throw new MalformedMessage(`the key ${key} must be a string`)
  return value
}
