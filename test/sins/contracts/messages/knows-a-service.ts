// sin: contracts-stand-alone
export type { order } from '../../services/order/service.ts'
