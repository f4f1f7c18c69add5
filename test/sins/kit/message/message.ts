export type Message = { readonly type: string }
