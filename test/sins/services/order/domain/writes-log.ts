// sin: pure-domain
import { log } from '../../../kit/telemetry/log.ts'

export const told = (): string => log('decided')
