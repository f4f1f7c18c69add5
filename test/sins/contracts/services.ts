// sin: limit-of-the-gateway
const below = (path: string, limit: string) => ({ below: path, limit, within: 10 })

export const serviceTable = {
  inventory: { http: async () => ({}), prefixes: [below('/api/v1/inventory', 'nightly')] },
  order: { http: () => import('./http/order.ts'), prefixes: [below('/api/v1/orders', 'everyday')] },
  payment: { http: async () => ({}), prefixes: [below('/api/v1/payments', 'everyday')] },
}
