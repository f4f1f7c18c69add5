import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'

/** The strong entity tag of a version: `"7"`. */
export const etag = (version: string | number): string => `"${version}"`

/** A refusal when the caller says which version it means to change (`If-Match`) and that is no longer the current one. */
export const staleMatch = (
  ifMatch: string | undefined,
  current: string,
): Refusal<'precondition-failed'> | undefined => {
  const wanted = tagsIn(ifMatch)
  if (wanted === undefined || wanted.includes('*') || wanted.includes(current)) return undefined
  return refuse('precondition-failed', { detail: `The current version is ${current}; read it again.` })
}

/** Whether the caller has the current version already (`If-None-Match`): answer 304 then. */
export const isFresh = (ifNoneMatch: string | undefined, current: string): boolean => {
  const known = tagsIn(ifNoneMatch) ?? []
  // The weak comparison of RFC 9110, section 13.1.2.
  return known.includes('*') || known.some((tag) => tag.replace(/^W\//, '') === current)
}

const tagsIn = (header: string | undefined): readonly string[] | undefined =>
  header?.split(',').map((tag) => tag.trim())
