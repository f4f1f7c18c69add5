import type { Case } from '../laws/laws.ts'
import { isLater } from './intents.ts'
import type { Intent, Kind } from './history.ts'

/** Why a purchase of this intent may end without being completed. No fault is among the reasons. */
const reasonsFor = ({ kind, inStock }: Intent): readonly string[] => [
  ...(inStock ? [] : ['out-of-stock']),
  ...(kind.refusedFor === undefined ? [] : [kind.refusedFor]),
  ...(kind.silent === true ? ['provider-silent'] : []),
  ...(isLater(kind) ? ['not-paid-in-time'] : []),
  ...(takes(kind, 'cancel') ? ['cancelled-by-customer'] : []),
  ...(takes(kind, 'declined card') ? ['card-declined'] : []),
]

const takes = ({ afterwards }: Kind, step: string): boolean =>
  afterwards !== undefined && 'later' in afterwards && afterwards.later.flat().some((one) => one === step)

/** Purchases that ended for a reason which was not in what their customers and the provider did. */
export const withoutReason = (cases: readonly Case[], meantBy: (id: string) => Intent | undefined): readonly string[] =>
  cases.flatMap(({ id, status, reason }) => {
    const meant = meantBy(id)
    if (meant === undefined || (status !== 'refused' && status !== 'cancelled')) return []
    if (reasonsFor(meant).includes(reason ?? '')) return []
    return [`own reason: purchase ${id} for "${meant.kind.name}" was ${status}: ${reason ?? 'no reason'}`]
  })
