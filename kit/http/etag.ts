import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The strong entity tag of a version: `"7"`. */
export const etag = (version: string | number): string => `"${version}"`

/** A refusal when the caller says which version it means to change (`if-match`) and that is no longer the current one. */
export const staleMatch = (headers: Headers, current: string): Refusal<'precondition-failed'> | undefined => {
  const wanted = tagsIn(headers['if-match'])
  if (wanted === undefined || wanted.includes('*') || wanted.includes(current)) return undefined
  return refuse('precondition-failed', { detail: `The current version is ${current}; read it again.` })
}

/** Whether the caller has the current version already (`if-none-match`): answer 304 then. */
export const isFresh = (headers: Headers, current: string): boolean => {
  const known = tagsIn(headers['if-none-match']) ?? []
  // The weak comparison of RFC 9110, section 13.1.2.
  return known.includes('*') || known.some((tag) => tag.replace(/^W\//, '') === current)
}

const tagsIn = (header: string | string[] | undefined): readonly string[] | undefined =>
  header === undefined
    ? undefined
    : [header]
        .flat()
        .join(',')
        .split(',')
        .map((tag) => tag.trim())
