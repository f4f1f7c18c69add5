import type { Platform } from '@kit/platform/platform'
import type { Database } from '@kit/postgres/queryable'

/**
 * A call from one service to another that waits for its answer: gRPC between processes, a function call within one.
 * Declared by a `.proto` file in `contracts/`, from which its types are made.
 */
export type Procedure<Request = any, Answer = any> = {
  /** `argosy.catalog.v1.Catalog`. */
  readonly service: string
  /** `Quote`. */
  readonly method: string
  /** The `.proto` file. */
  readonly proto: URL
  /** How calls that arrive together become one, and how its answer is shared out. Absent: each call travels alone. */
  readonly batch?: {
    readonly merge: (requests: readonly Request[]) => Request
    /** One answer for each request, in order. */
    readonly split: (answer: Answer, requests: readonly Request[]) => readonly Answer[]
  }
  /**
   * Called twice, it does what it does called once. Then it is called again at another instance when the first breaks off
   * before its answer; any other call fails as RpcUnavailable.
   */
  readonly repeatable?: boolean
  readonly request?: Request
  readonly answer?: Answer
}

export const procedure = <Request, Answer>(declaration: Procedure<Request, Answer>): Procedure<Request, Answer> =>
  declaration

/** A procedure bound to its code. */
export type Implementation = {
  readonly procedure: Procedure
  readonly handle: (request: any, resources: { readonly db: Database; readonly platform: Platform }) => Promise<any>
}

export const implement = <Request, Answer>(
  procedure: Procedure<Request, Answer>,
  handle: (request: Request, resources: { readonly db: Database; readonly platform: Platform }) => Promise<Answer>,
): Implementation => ({ procedure, handle })

export type RpcClient = {
  /** Calls the procedure wherever its service runs. `deadline` is milliseconds, 2,000 unless said otherwise. */
  readonly call: <Request, Answer>(
    procedure: Procedure<Request, Answer>,
    request: Request,
    options?: { readonly deadline?: number; readonly signal?: AbortSignal },
  ) => Promise<Answer>
}
