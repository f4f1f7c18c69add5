/** The role under which a service works. */
export const roleOf = (service: string): string => `argosy_${service}`
