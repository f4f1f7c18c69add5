// What two releases must agree on, line by line: the last one calls this one, and is called by it.
import type { Proto } from './proto.ts'

/** A line for each method, `argosy.catalog.v1.Catalog/Quote: A -> B`, and field, `argosy.catalog.v1.A 4 price: int64`. */
export const wireOf = (protos: readonly Proto[]): readonly string[] =>
  protos.flatMap((proto) => [
    ...proto.services.flatMap((service) =>
      service.methods.map(
        ({ name, request, answer }) => `${proto.package}.${service.name}/${name}: ${request} -> ${answer}`,
      ),
    ),
    ...proto.messages.flatMap((message) =>
      message.fields.map(
        ({ number, name, label, type }) => `${proto.package}.${message.name} ${number} ${name}: ${label}${type}`,
      ),
    ),
  ])

/** The lines of the last release that hold no more, unless the number of the field is reserved. */
export const brokenWire = (protos: readonly Proto[], released: readonly string[]): readonly string[] => {
  const now = new Set(wireOf(protos))
  return released.filter((line) => !now.has(line) && !isReserved(protos, line))
}

const isReserved = (protos: readonly Proto[], line: string): boolean => {
  const [, name, number] = /^(\S+) (\d+) /.exec(line) ?? []
  return protos.some((proto) =>
    proto.messages.some((message) => `${proto.package}.${message.name}` === name && message.isReserved(Number(number))),
  )
}
