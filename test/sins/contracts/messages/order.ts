export const OrderPlaced = 'order.order-placed.v1'
