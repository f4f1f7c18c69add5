import type { Problems } from '@kit/problem/refusal'

export const problems = {
  'category-not-found': { status: 404, title: 'There is no such category' },
  'unknown-category': { status: 422, title: 'The product names a category that does not exist' },
  'product-not-found': { status: 404, title: 'There is no such product' },
  'stock-below-reserved': { status: 409, title: 'That many units are promised to purchases' },
} satisfies Problems
