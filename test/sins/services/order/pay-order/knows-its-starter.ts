// sin: services-below-apps
import { setting } from '../../../apps/shop/setting.ts'

export const mine = setting
