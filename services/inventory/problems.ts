import type { Problems } from '@kit/problem/refusal'

export const problems = {
  'product-not-found': { status: 404, title: 'There is no such product' },
  'stock-below-reserved': { status: 409, title: 'That many units are promised to purchases' },
  'stock-above-limit': { status: 422, title: 'A product cannot have that much stock' },
} satisfies Problems
