/** What is said of a field that has a newer name: clients from before find it under the old one. */
export const formerly = (name: string) => ({ deprecated: true, description: `The same as ${name}.` }) as const
