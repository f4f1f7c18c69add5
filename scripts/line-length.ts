// Comments and prose end by the column that .editorconfig names; oxfmt lays out code, and leaves both alone. Strings, tables
// and generated parts may be longer: they cannot be wrapped. Part of `npm run check:format`.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const limit = Number(/^max_line_length = (\d+)$/m.exec(readFileSync(`${root}.editorconfig`, 'utf8'))?.[1])

const isComment = (line: string): boolean => /^\s*(\/\/|\/\*|\*|--)/.test(line)
const isProse = (line: string): boolean => !line.startsWith('|')

const files = globSync('**/*.{ts,js,mjs,sql,md}', {
  cwd: root,
  exclude: ['**/node_modules', '.argosy', 'bench/results', '.git'],
})
const tooLong = files.flatMap((file) => {
  const wraps = file.endsWith('.md') ? isProse : isComment
  return readFileSync(`${root}${file}`, 'utf8')
    .split('\n')
    .flatMap((line, at) => (line.length > limit && wraps(line) ? [`${file}:${at + 1}: ${line.length} columns`] : []))
})

for (const place of tooLong) console.log(place)
console.log(`${files.length} files, ${tooLong.length} comments or sentences beyond column ${limit}`)
process.exitCode = tooLong.length === 0 && limit > 0 ? 0 : 1
