// sin: services-apart, slices-below-the-list
import { payment } from '../../payment/service.ts'

export const pay = payment
