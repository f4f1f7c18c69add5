export const attempts = 8
