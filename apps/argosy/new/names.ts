/** All that is called after a use case, in each form in which it is written. */
export type Names = {
  readonly service: string
  /** `send-parcel`: the folder. */
  readonly useCase: string
  /** `parcel`: what it is about, as fields and columns are called. */
  readonly noun: string
  /** `parcel-sent`: what it tells. */
  readonly event: string
  /** `sent-parcel`: the table, and the statements on it. */
  readonly kept: string
  /** `/api/v1/depot/parcels`. */
  readonly path: string
}

/**
 * The names of a use case. `prefixes` are the paths below which the service's calls are let through; a path that `isTaken` gets
 * a further word.
 */
export const namesOf = (
  service: string,
  useCase: string,
  prefixes: readonly string[],
  isTaken: (path: string) => boolean = () => false,
): Names => {
  const [verb = '', ...rest] = useCase.split('-')
  const noun = rest.join('-')
  const plural = pluralOf(noun)
  // A collection that is there is not added to: the path says what was done.
  const collection = prefixes.find((prefix) => prefix.endsWith(`/${plural}`))
  const below = collection ?? `${prefixes[0]}/${plural}`
  const paths = [...(collection === undefined ? [below] : []), `${below}/${pastOf(verb)}`]
  return {
    service,
    useCase,
    noun: snake(noun),
    event: `${noun}-${pastOf(verb)}`,
    kept: `${pastOf(verb)}-${noun}`,
    path: paths.find((path) => !isTaken(path)) ?? paths[0] ?? '',
  }
}

export const pascal = (kebab: string): string => kebab.replace(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase())
export const camel = (kebab: string): string => kebab.replace(/-(.)/g, (_, first: string) => first.toUpperCase())
export const snake = (kebab: string): string => kebab.replaceAll('-', '_')
/** `Send parcel`. */
export const words = (kebab: string): string => kebab.charAt(0).toUpperCase() + kebab.slice(1).replaceAll('-', ' ')

const IRREGULAR: Readonly<Record<string, string>> = {
  begin: 'begun',
  bring: 'brought',
  build: 'built',
  buy: 'bought',
  choose: 'chosen',
  cut: 'cut',
  find: 'found',
  forget: 'forgotten',
  get: 'got',
  give: 'given',
  hide: 'hidden',
  hold: 'held',
  keep: 'kept',
  leave: 'left',
  lend: 'lent',
  make: 'made',
  pay: 'paid',
  put: 'put',
  sell: 'sold',
  send: 'sent',
  set: 'set',
  show: 'shown',
  split: 'split',
  take: 'taken',
  tell: 'told',
  withdraw: 'withdrawn',
  write: 'written',
}

/** The past participle of an English verb: events say what has happened. */
const pastOf = (verb: string): string => {
  const irregular = Object.hasOwn(IRREGULAR, verb) ? IRREGULAR[verb] : undefined
  if (irregular !== undefined) return irregular
  if (verb.endsWith('e')) return `${verb}d`
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`
  // One vowel, one consonant: pin, ship, drop.
  return /^[^aeiou]*[aeiou][bdglmnprt]$/.test(verb) ? `${verb}${verb.at(-1)}ed` : `${verb}ed`
}

const pluralOf = (noun: string): string => {
  // `grant-points`: it is one already; not so an address, a status or a basis.
  if (/[^sui]s$/.test(noun)) return noun
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`
}
