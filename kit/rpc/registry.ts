import type { Platform } from '@kit/platform/platform'
import type { Database } from '@kit/postgres/queryable'
import { failureOf } from './failure.ts'
import type { Implementation, Procedure } from './procedure.ts'
import type { Transport } from './transport.ts'

type Handle = (request: unknown) => Promise<unknown>

/** The procedures that this process implements. Filled while its services open, hence after the client was made. */
export type Registry = {
  readonly provide: (
    implementations: readonly Implementation[],
    resources: { readonly db: Database; readonly platform: Platform },
  ) => void
  readonly handlerOf: (procedure: Procedure) => Handle | undefined
  readonly procedures: () => readonly Procedure[]
}

export const openRegistry = (): Registry => {
  const provided = new Map<string, { readonly procedure: Procedure; readonly handle: Handle }>()
  return {
    provide: (implementations, resources) => {
      for (const { procedure, handle } of implementations)
        provided.set(nameOf(procedure), { procedure, handle: async (request) => handle(request, resources) })
    },
    handlerOf: (procedure) => provided.get(nameOf(procedure))?.handle,
    procedures: () => [...provided.values()].map(({ procedure }) => procedure),
  }
}

/** Calls what the registry has as functions. */
export const inProcess =
  (registry: Registry): Transport =>
  (procedure) => {
    const handle = registry.handlerOf(procedure)
    if (handle === undefined) return undefined
    return async (request) => {
      try {
        return await handle(request)
      } catch (error) {
        throw failureOf(nameOf(procedure), error)
      }
    }
  }

/** `argosy.catalog.v1.Catalog/Quote`. */
export const nameOf = ({ service, method }: Procedure): string => `${service}/${method}`
