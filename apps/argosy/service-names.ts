/** The services that have a schema of their own: all but the gateway. Commands that only look load none of their code. */
export const serviceNames = ['account', 'catalog', 'inventory', 'order', 'payment', 'purchase', 'mail'] as const

export type ServiceName = (typeof serviceNames)[number]
