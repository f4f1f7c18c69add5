// sin: no-process-env, no-restricted-globals
export const port = (): string | undefined => process.env['PORT']
