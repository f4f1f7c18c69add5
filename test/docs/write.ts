// Writes the parts of the documents that are made from the code: `npm run docs`.
import { writeFileSync } from 'node:fs'
import { allGenerated } from './all-generated.ts'
import { read, repository, withGenerated } from './generated.ts'

for (const part of allGenerated()) {
  writeFileSync(new URL(part.file, repository), withGenerated(read(part.file), part))
  console.log(`${part.file}: ${part.name}`)
}
