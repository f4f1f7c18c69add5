// sin: driver-postgres
export * as driver from 'pg'
