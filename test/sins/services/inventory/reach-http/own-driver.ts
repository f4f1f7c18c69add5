// sin: driver-http
export * as driver from 'fastify'
