import type { Problems } from '@kit/problem/refusal'

export const problems = {
  'message-not-found': { status: 404, title: 'No such message in the mailbox' },
} satisfies Problems
