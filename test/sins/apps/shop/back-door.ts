// sin: only-service-ts
import { problems } from '../../services/payment/problems.ts'

export const all = problems
