import Type from 'typebox'
import type { TArray, TString } from 'typebox'

type AddressesOptions = {
  /** What an address may begin with: `['http', 'https']`. */
  readonly schemes: readonly string[]
  readonly description: string
  readonly example: readonly string[]
}

/**
 * A setting that names one address or more, with commas: `http://10.0.0.1:7001,http://10.0.0.2:7001`. An address is a
 * scheme, a host and, where it is not the scheme's own, a port.
 */
export const Addresses = ({ schemes, description, example }: AddressesOptions): TArray<TString> =>
  Type.Array(
    Type.Refine(Type.String(), (text) => flawIn(text, schemes) === undefined),
    { format: 'addresses', uniqueItems: true, schemes, description, examples: [example] },
  )

/** What is wrong with a list of addresses, one sentence for each that is wrong. */
export const flawsIn = (addresses: readonly string[], schemes: readonly string[]): readonly string[] => {
  const flaws = addresses.flatMap((text, at) => {
    const flaw = addresses.indexOf(text) < at ? 'is there twice' : flawIn(text, schemes)
    return flaw === undefined ? [] : [`${JSON.stringify(text)} ${flaw}`]
  })
  return [...new Set(flaws)]
}

const flawIn = (text: string, schemes: readonly string[]): string | undefined => {
  const [scheme = ''] = text.split('://', 1)
  if (!schemes.includes(scheme)) return `does not begin with ${schemes.map((one) => `${one}://`).join(' or ')}`
  const rest = text.slice(scheme.length + '://'.length)
  if (/[/?#]/.test(rest)) return 'goes on after the host and the port'
  // Of a scheme that it does not know, URL would take any host.
  if (!/^[^\s@]+$/.test(rest) || !URL.canParse(`http://${rest}`)) return 'has no host, or no port from 1 to 65535'
  return undefined
}
