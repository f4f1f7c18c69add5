import type { OpenJobs } from '@kit/jobs/jobs'
import { JobRunner } from '@kit/jobs/runner'
import { AmqpJobs } from './amqp/amqp-jobs.ts'
import type { AmqpOptions } from './amqp/amqp-jobs.ts'
import { brokersAt } from './amqp/brokers.ts'

/**
 * How jobs come to their workers: `postgres:` straight from the table, `amqp://user:password@one:5672,two,three/vhost` through
 * RabbitMQ. Throws when the URL is neither.
 */
export const openQueue =
  (url: string, options: AmqpOptions = {}): OpenJobs =>
  (service) =>
    url === 'postgres:' ? new JobRunner(service) : new AmqpJobs(brokersAt(url), service, options)
