// sin: tests-stay-outside, no-sibling-slice
import '../place-order/place-order.test.ts'
