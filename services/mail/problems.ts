import type { Problems } from '@kit/problem/refusal'

export const problems = {
  'message-not-found': { status: 404, title: 'No such message in the mailbox' },
  'link-not-valid': { status: 404, title: 'The link is not valid' },
} satisfies Problems
