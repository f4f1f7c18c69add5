// A process that does jobs until it is killed: node hauler.ts <database URL> <queue URL> <lease in ms>
import { systemPlatform } from '@kit/platform/system'
import { openDatabase } from '@kit/postgres/database'
import { openHauling } from './yard.ts'

const [, , url = '', queueUrl = '', lease] = process.argv
const db = openDatabase({ url, service: 'yard' })
const platform = systemPlatform({ failpoints: process.env['ARGOSY_FAILPOINTS'] ?? '' })
openHauling(db, { queueUrl, lease: Number(lease) }, platform).start()
console.log('working')
