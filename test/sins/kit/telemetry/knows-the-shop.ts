// sin: kit-knows-no-shop
import { OrderPlaced } from '../../contracts/messages/order.ts'

export const types = [OrderPlaced]
