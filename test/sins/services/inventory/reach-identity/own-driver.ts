// sin: driver-identity
export * as driver from 'jose'
