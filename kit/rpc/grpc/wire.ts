import { fileURLToPath } from 'node:url'
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { PackageDefinition } from '@grpc/proto-loader'
import type { Procedure } from '../procedure.ts'

const loaded = new Map<string, PackageDefinition>()

/** The definitions of a `.proto` file, read once. Names stay snake_case, 64-bit integers are numbers. */
const definitionsIn = (proto: URL): PackageDefinition => {
  const known = loaded.get(proto.href)
  if (known !== undefined) return known
  const definitions = loadSync(fileURLToPath(proto), { keepCase: true, longs: Number, defaults: true })
  loaded.set(proto.href, definitions)
  return definitions
}

/** The wire form of a service. Throws when the file does not have it. */
export const serviceIn = (proto: URL, service: string): ServiceDefinition => {
  const definition = definitionsIn(proto)[service]
  if (definition === undefined || 'format' in definition)
    throw new Error(`${fileURLToPath(proto)} has no service ${service}`)
  return definition
}

/** The wire form of a procedure. Throws when the `.proto` file does not have it. */
export const methodOf = ({ proto, service, method }: Procedure): MethodDefinition<object, object> => {
  const definition = serviceIn(proto, service)[method]
  if (definition === undefined) throw new Error(`${fileURLToPath(proto)}: the service ${service} has no ${method}`)
  return definition
}
