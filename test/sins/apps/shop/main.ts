import { order } from '../../services/order/service.ts'

export const services = [order]
