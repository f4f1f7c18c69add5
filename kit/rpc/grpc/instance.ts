import { Client, connectivityState, credentials } from '@grpc/grpc-js'

/** A process that answers, at one address. */
export type Instance = Disposable & {
  /**
   * A client that is connected to it; or that it does not let us in, or has not within `patience` ms. Nothing has been asked then.
   */
  readonly reach: (patience: number) => Promise<Client | 'refused' | 'late'>
}

/** `url`: `grpc://host:port`, or `grpcs://…` by TLS. One connection, made when it is first asked for. */
export const openInstance = (url: string): Instance => {
  let client: Client | undefined
  return {
    reach: async (patience) => {
      client ??= connect(url)
      const own = client
      const state = await settled(own, patience)
      if (state === connectivityState.READY) return own
      // A channel that has failed waits before it tries again, and a restarted service would stay unreachable for as long.
      if (state === connectivityState.TRANSIENT_FAILURE) {
        own.close()
        if (client === own) client = undefined
      }
      return isUnderWay(state) ? 'late' : 'refused'
    },
    [Symbol.dispose]: () => client?.close(),
  }
}

/** Whether the client has lost its connection, or is about to. */
export const isCut = (client: Client): boolean =>
  client.getChannel().getConnectivityState(false) !== connectivityState.READY

const isUnderWay = (state: connectivityState): boolean =>
  state === connectivityState.CONNECTING || state === connectivityState.IDLE

const connect = (url: string): Client => {
  const { protocol, host } = new URL(url)
  if (protocol !== 'grpc:' && protocol !== 'grpcs:')
    throw new Error(`${url} is no address of a service: write grpc://host:port`)
  return new Client(host, protocol === 'grpcs:' ? credentials.createSsl() : credentials.createInsecure(), {
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 5_000,
    // Or a new channel would wait as long as the failed one that it replaces.
    'grpc.use_local_subchannel_pool': 1,
  })
}

/** How the connection stands as soon as it is there or has failed, and at the latest after `patience` ms. */
const settled = (client: Client, patience: number): Promise<connectivityState> =>
  new Promise((resolve) => {
    const channel = client.getChannel()
    // grpc-js wants a time of the wall clock. Should that jump, this call alone waits for less, or for its own deadline.
    // oxlint-disable-next-line no-restricted-properties
    const until = Date.now() + patience
    const look = (late?: Error): void => {
      const known = channel.getConnectivityState(false)
      if (late !== undefined || known === connectivityState.SHUTDOWN) return resolve(known)
      const state = channel.getConnectivityState(true)
      if (state === connectivityState.READY || state === connectivityState.TRANSIENT_FAILURE) return resolve(state)
      channel.watchConnectivityState(state, until, look)
    }
    look()
  })
