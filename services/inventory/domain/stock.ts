/** Units of one product. Available is what is on hand and not reserved. */
export type Stock = { readonly product_id: string; readonly on_hand: number; readonly reserved: number }

export const available = ({ on_hand, reserved }: Stock): number => on_hand - reserved

/** As counted by hand. Units that are promised to purchases must be there. */
export const count = (stock: Stock, on_hand: number): Stock | BelowReserved =>
  on_hand < stock.reserved ? { refused: 'stock-below-reserved', reserved: stock.reserved } : { ...stock, on_hand }

/** More or fewer units than before. */
export const adjust = (stock: Stock, delta: number): Stock | BelowReserved => count(stock, stock.on_hand + delta)

export type BelowReserved = { readonly refused: 'stock-below-reserved'; readonly reserved: number }
