// A process that does jobs until it is killed: node hauler.ts <database URL> <queue URL>
import { openDatabase } from '@kit/postgres/database'
import { openHauling } from './yard.ts'

const [, , url = '', queueUrl = ''] = process.argv
const db = openDatabase({ url, service: 'yard' })
openHauling(db, { queueUrl }).start()
console.log('working')
