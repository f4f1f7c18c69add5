// sin: driver-http-client
export * as driver from 'undici'
