export type Upper = { readonly name: string }
