// sin: driver-log
export * as driver from 'pino'
