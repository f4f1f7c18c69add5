// sin: service-in-the-table
export const loyalty = {}
