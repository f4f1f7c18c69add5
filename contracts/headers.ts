import Type from 'typebox'

/** Bare or in quotes; what an empty pair of them would name is everybody's same request. */
const KEY = '^("[!#-+\\x2d-~]{1,128}"|[!#-+\\x2d-~]{1,128})$'

/** The key of operations whose repeats count once. */
export const IdempotencyKey = Type.String({
  pattern: KEY,
  description:
    'One key of 1 to 128 visible ASCII characters without a comma or a quotation mark, made up anew for each request that is meant: repeats with the same key are one request.',
})

const TAGS = '^(\\*|(W/)?"[^"]*"(\\s*,\\s*(W/)?"[^"]*")*)$'

/** Of an operation that changes what has an ETag. */
export const IfMatch = Type.String({
  pattern: TAGS,
  description:
    'The ETag, quotes and all, of the version that is to be changed; any other is left as it is (412). *: any.',
})

/** Of an operation that shows what has an ETag. */
export const IfNoneMatch = Type.String({
  description: 'The ETag, quotes and all, of a version that one has: while it is the current one, the answer is 304.',
})

/** Of an event stream whose events have ids. */
export const LastEventId = Type.String({
  maxLength: 200,
  description:
    'The id of the last event that was seen: the stream goes on after it. An EventSource sends it by itself.',
})

/** Names the version of what is shown. */
export const ETag = Type.String({ description: 'The version that is shown, for If-Match and If-None-Match.' })

/** Where what was made can be read. */
export const Location = Type.String({ description: 'The address at which what was made can be read.' })
