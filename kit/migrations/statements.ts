/** What a text of SQL is made of, as far as it matters for finding where a statement ends. */
const TOKEN =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>\be'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*')|(?<body>\$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$)|(?<name>"(?:[^"]|"")*")|(?<end>;)|(?<other>[\s\S])/giy

/**
 * The statements of a migration, to be looked at and not to be run: without comments, in lower case but for quoted
 * names, one space between words, `''` for a text and `$$` for a body.
 */
export const statementsIn = (sql: string): readonly string[] => {
  const statements: string[] = []
  let current = ''
  for (const { groups = {} } of sql.matchAll(TOKEN)) {
    if (groups['comment'] !== undefined) current += ' '
    else if (groups['text'] !== undefined) current += "''"
    else if (groups['body'] !== undefined) current += '$$'
    else if (groups['name'] !== undefined) current += groups['name']
    else if (groups['other'] !== undefined) current += groups['other'].toLowerCase()
    else if (isBodyOpen(current)) current += ';'
    else {
      statements.push(current)
      current = ''
    }
  }
  return [...statements, current].map((statement) => statement.replace(/\s+/g, ' ').trim()).filter(Boolean)
}

/** The body of a function may be SQL itself, with semicolons of its own. */
const isBodyOpen = (statement: string): boolean => /\bbegin\s+atomic\b/.test(statement) && !/\bend\s*$/.test(statement)
