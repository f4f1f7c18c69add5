// sin: kit-without-cycles
import { attempts } from '../jobs/attempts.ts'

export const tries = attempts
