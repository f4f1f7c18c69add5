// sin: path-let-through, known-problem
export const GetOrder = {
  method: 'GET',
  path: '/api/v1/orders/:id',
  audience: 'account',
  problems: ['order-lost'],
}

/** The gateway lets nothing through below this path. */
export const GetReturn = {
  method: 'GET',
  path: '/api/v1/returns/:id',
  audience: 'account',
}
