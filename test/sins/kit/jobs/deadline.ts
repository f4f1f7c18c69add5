// sin: no-restricted-properties
export const isLate = (until: number): boolean => Date.now() > until
