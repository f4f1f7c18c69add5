import { command, event } from '@kit/message/message'
import Type from 'typebox'
import { Quantity, Uuid } from '../fields.ts'

const Units = Type.Integer({ minimum: 0 })

/** Asks for the stock of all lines or none. The same purchase asked twice gets the same answer. */
export const ReserveStock = command(
  'inventory.reserve-stock.v1',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    lines: Type.Array(Type.Object({ product_id: Uuid, quantity: Quantity })),
  }),
)

export const StockReserved = event('inventory.stock-reserved.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

export const StockRefused = event(
  'inventory.stock-refused.v1',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    product_id: Type.Optional(Uuid),
    reason: Type.Union([
      Type.Literal('out-of-stock'),
      Type.Literal('unknown-product'),
      Type.Literal('released-before'),
    ]),
  }),
)

/** Undoes a reservation; with none there, a later ReserveStock of the purchase is refused. */
export const ReleaseStock = command('inventory.release-stock.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

export const StockReleased = event('inventory.stock-released.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

/** The reserved units are sold: they leave the house. */
export const CommitStock = command('inventory.commit-stock.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

export const StockCommitted = event('inventory.stock-committed.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

/** Sold units come back on the shelf; the same refund_id asked twice is one return. Never more than were sold. */
export const ReturnStock = command(
  'inventory.return-stock.v1',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    refund_id: Uuid,
    lines: Type.Array(Type.Object({ product_id: Uuid, quantity: Quantity })),
  }),
)

export const StockReturned = event(
  'inventory.stock-returned.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, refund_id: Uuid }),
)

/** How many units of a product there are now. Told to those who ask for all facts; sales are not told by it. */
export const StockChanged = event(
  'inventory.stock-changed.v1',
  'product_id',
  Type.Object({
    product_id: Uuid,
    on_hand: Units,
    /** Of these, promised to purchases that are under way. */
    reserved: Units,
    available: Units,
  }),
)
