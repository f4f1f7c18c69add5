import { PublishKeys } from '@argosy/contracts/http/account'
import { route } from '@kit/http/route'
import type { SigningKeys } from '../keys.ts'

/** Whoever verifies access tokens fetches these. */
export const publishKeys = ({ published }: SigningKeys) =>
  route(PublishKeys, async () => ({
    answer: { keys: [...published] },
    headers: { 'cache-control': 'public, max-age=60' },
  }))
