/** The RabbitMQ that `npm run test:cluster` has started or was given; undefined where there is none, which it has said. */
export const rabbitUrl = (): string | undefined => process.env['RABBITMQ_URL']
