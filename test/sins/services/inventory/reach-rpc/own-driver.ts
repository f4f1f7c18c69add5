// sin: driver-rpc
export * as driver from '@grpc/grpc-js'
