import { TokenizeCard } from '@argosy/contracts/rpc/payment'
import { implement } from '@kit/rpc/procedure'
import type { Implementation } from '@kit/rpc/procedure'
import type { Provider } from '../provider.ts'

/** The number goes to the provider and nowhere else: it is neither stored nor logged nor sent on. */
export const tokenizeCard = (provider: Provider): Implementation =>
  implement(TokenizeCard, async ({ number }) => {
    const token = provider.tokenize(number)
    return token === undefined ? {} : { token }
  })
