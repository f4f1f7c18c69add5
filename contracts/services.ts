/** The calls of one client that are counted together. How many it may make in a minute is the gateway's setting. */
export type LimitName = 'sign-in' | 'buy' | 'everyday'

/** A path that the gateway lets through, and how the calls below it are treated. */
export type Prefix = {
  /** Applies to this path and all below it; the longest match of the whole table counts. */
  readonly below: string
  readonly limit: LimitName
  /** Seconds until a service that is a process of its own must have begun its answer. */
  readonly within: number
}

type Row = {
  /** Its HTTP contract, loaded by those who need it: commands that only look need the names alone. */
  readonly http: () => Promise<object>
  readonly prefixes: readonly Prefix[]
  /** Whether others call it and wait for the answer: it has a contract in `rpc/`. */
  readonly answersRpc: boolean
  /** The variable that says where it answers HTTP, where `<SERVICE>_URL` means something else. */
  readonly httpVariable?: string
}

const below = (path: string, limit: LimitName, within: number): Prefix => ({ below: path, limit, within })

/** All services that have a schema of their own, which is all but the gateway, in the order in which they open. */
export const serviceTable = {
  account: {
    http: () => import('./http/account.ts'),
    prefixes: [
      below('/api/v1/account', 'everyday', 10),
      below('/api/v1/account/register', 'sign-in', 15),
      below('/api/v1/account/login', 'sign-in', 15),
      below('/api/v1/account/verify', 'sign-in', 10),
      below('/.well-known', 'everyday', 5),
    ],
    answersRpc: false,
  },
  catalog: {
    http: () => import('./http/catalog.ts'),
    prefixes: [below('/api/v1/categories', 'everyday', 10), below('/api/v1/products', 'everyday', 10)],
    answersRpc: true,
  },
  inventory: {
    http: () => import('./http/inventory.ts'),
    prefixes: [below('/api/v1/products/check', 'everyday', 5), below('/api/v1/inventory', 'everyday', 10)],
    answersRpc: true,
  },
  order: {
    http: () => import('./http/order.ts'),
    prefixes: [below('/api/v1/orders', 'everyday', 10)],
    answersRpc: false,
  },
  payment: {
    http: () => import('./http/payment.ts'),
    prefixes: [below('/api/v1/payments', 'everyday', 10)],
    answersRpc: true,
    // PAYMENT_URL is the provider's.
    httpVariable: 'PAYMENT_HTTP_URL',
  },
  purchase: {
    http: () => import('./http/purchase.ts'),
    prefixes: [below('/api/v1/purchases', 'buy', 15)],
    answersRpc: false,
  },
  mail: {
    http: () => import('./http/mail.ts'),
    prefixes: [
      below('/unsubscribe', 'everyday', 5),
      below('/mailbox', 'everyday', 5),
      below('/api/v1/mailbox', 'everyday', 5),
    ],
    answersRpc: false,
  },
} as const satisfies Readonly<Record<string, Row>>

type Table = typeof serviceTable

export type ServiceName = keyof Table

/** Those that others call and wait for. */
export type AnsweringName = {
  [Name in ServiceName]: Table[Name]['answersRpc'] extends true ? Name : never
}[ServiceName]

/** The variables that say where each service answers. */
export type HttpVariable = {
  [Name in ServiceName]: Table[Name] extends { readonly httpVariable: infer Own extends string }
    ? Own
    : `${Uppercase<Name>}_URL`
}[ServiceName]
export type RpcVariable = `${Uppercase<AnsweringName>}_RPC_URL`
export type DatabaseVariable = `${Uppercase<ServiceName>}_DATABASE_URL`

const rows: Readonly<Record<ServiceName, Row>> = serviceTable

export const isServiceName = (name: string): name is ServiceName => Object.hasOwn(serviceTable, name)
export const serviceNames: readonly ServiceName[] = Object.keys(serviceTable).filter(isServiceName)

export const answersRpc = (name: string): name is AnsweringName => isServiceName(name) && rows[name].answersRpc
export const answeringNames: readonly AnsweringName[] = serviceNames.filter(answersRpc)

/** The variable that says where a service answers HTTP when it is a process of its own. */
export const httpVariableOf = (name: ServiceName): HttpVariable =>
  (rows[name].httpVariable ?? `${name.toUpperCase()}_URL`) as HttpVariable

/** The variable that says where a service answers others by gRPC. */
export const rpcVariableOf = (name: AnsweringName): RpcVariable => `${name.toUpperCase()}_RPC_URL` as RpcVariable

/** The variable that says where a service has its tables, when it is not where the others have theirs. */
export const databaseVariableOf = (name: ServiceName): DatabaseVariable =>
  `${name.toUpperCase()}_DATABASE_URL` as DatabaseVariable
