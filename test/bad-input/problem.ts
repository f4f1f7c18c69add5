import type { Told } from './ask.ts'

type Document = {
  readonly type: string
  readonly status: number
  readonly code: string
  readonly title: string
  readonly trace_id: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

export type Expected = {
  readonly status?: number
  readonly code?: string
  /** One of the errors stands there or below. */
  readonly pointer?: string | undefined
}

/** Why the answer is not the problem that it should be; undefined when it is. */
export const flawIn = (told: Told, { status, code, pointer }: Expected = {}): string | undefined => {
  const shown = `${told.status} ${told.text.slice(0, 300)}`
  if (told.status < 400 || told.status > 499) return `answered ${shown}`
  if (!String(told.headers['content-type']).startsWith('application/problem+json'))
    return `no problem document: ${shown}`
  const problem = JSON.parse(told.text) as Document
  if (problem.status !== told.status || !problem.type.endsWith(`/problems/${problem.code}`))
    return `contradicts itself: ${shown}`
  if (!problem.code || !problem.title || !problem.trace_id) return `says too little: ${shown}`
  if (/select |insert |constraint|relation "|node_modules|\.ts:\d/i.test(told.text)) return `says too much: ${shown}`
  if (status !== undefined && told.status !== status) return `not ${status}: ${shown}`
  if (code !== undefined && problem.code !== code) return `not ${code}: ${shown}`
  if (pointer === undefined) return undefined
  const pointers = (problem.errors ?? []).map((error) => error.pointer)
  if (pointers.some((at) => /unknown/.test(at))) return `complains of a field that is to be ignored: ${shown}`
  if (pointers.some((at) => at === pointer || at.startsWith(`${pointer}/`))) return undefined
  return `does not name ${pointer}: ${shown}`
}
