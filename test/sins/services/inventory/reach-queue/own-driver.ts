// sin: driver-queue
export * as driver from 'amqplib'
