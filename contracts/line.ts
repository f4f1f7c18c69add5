type Line = { readonly price: number; readonly quantity: number; readonly amount?: number | undefined }

/** What a line costs, in minor units: the amount that it was sold for, or its price for each of the quantity. */
export const amountOf = ({ price, quantity, amount = price * quantity }: Line): number => amount
