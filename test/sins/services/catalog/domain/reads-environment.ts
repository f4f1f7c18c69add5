// sin: no-process-env, no-restricted-globals, handlers-stay-inside
export const port = (): string | undefined => process.env['PORT']
