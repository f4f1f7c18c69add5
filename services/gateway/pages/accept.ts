/**
 * Whether who asks is a person in a browser: HTML is named by `Accept` and liked better than JSON (RFC 9110, section 12.5.1).
 * curl and other programs take anything, and get what programs read.
 */
export const prefersHtml = (accept: string | undefined): boolean => {
  const ranges = accept?.toLowerCase() ?? ''
  if (!ranges.includes('text/html')) return false
  const liked = new Map(ranges.split(',').map(weighed))
  const of = (...wanted: readonly string[]): number => liked.get(wanted.find((range) => liked.has(range)) ?? '') ?? 0
  const json = of('application/problem+json', 'application/json', 'application/*', '*/*')
  return of('text/html') > json
}

const weighed = (range: string): readonly [string, number] => {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1'
  return [type, Number(weight) || 0]
}
