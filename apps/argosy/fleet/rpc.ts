import type { Platform } from '@kit/platform/platform'
import { rpcClient } from '@kit/rpc/client'
import { serveGrpc } from '@kit/rpc/grpc/server'
import type { GrpcServer } from '@kit/rpc/grpc/server'
import { overGrpc } from '@kit/rpc/grpc/transport'
import type { RpcClient } from '@kit/rpc/procedure'
import { inProcess } from '@kit/rpc/registry'
import type { Registry } from '@kit/rpc/registry'
import type { Closing } from '@kit/service/closing'
import type { Logger } from '@kit/telemetry/telemetry'
import { rpcUrlsOf } from './config.ts'
import type { FleetConfig } from './config.ts'

/** Calls services in this process as functions, and those elsewhere, once the fleet has a secret, by gRPC. */
export const openRpc = (registry: Registry, config: FleetConfig, platform: Platform, owned: Closing): RpcClient => {
  if (config.RPC_TOKEN === undefined) return rpcClient(inProcess(registry))
  const urlsOf = (service: string): readonly string[] | undefined => rpcUrlsOf(config, service)
  return rpcClient(
    inProcess(registry),
    owned.use('gRPC to others', overGrpc({ urlsOf, token: config.RPC_TOKEN, platform })),
  )
}

/** Answers other processes, where there may be some: with a secret, and not as the whole fleet in one. */
export const answerOthers = async (
  registry: Registry,
  { RPC_TOKEN, RPC_PORT }: FleetConfig,
  host: string,
  log: Logger,
): Promise<GrpcServer | undefined> => {
  if (RPC_TOKEN === undefined || registry.procedures().length === 0) return undefined
  const server = await serveGrpc({ registry, token: RPC_TOKEN, host, port: RPC_PORT, log })
  log.info({ url: server.url }, 'answering other services')
  return server
}
