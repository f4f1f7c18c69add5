// What the code believes of its SQL statements, as the compiler sees it: the type of the rows, and how many values each call
// passes. judge-sql.ts holds it against what PostgreSQL knows.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SyntaxKind } from 'typescript/unstable/ast'
import type { ArrayLiteralExpression, CallExpression, Identifier, Node, SourceFile } from 'typescript/unstable/ast'
import { isArrayLiteralExpression, isCallExpression, isIdentifier } from 'typescript/unstable/ast/is'
import { isPropertyAccessExpression, isSpreadElement } from 'typescript/unstable/ast/is'
import { API, SymbolFlags, TypeFlags } from 'typescript/unstable/sync'
import type { Checker, Project, Type } from 'typescript/unstable/sync'

/** What a value may be at run time; `any` where the type leaves it open. */
export type Kind = 'string' | 'number' | 'boolean' | 'Date' | 'bytes' | 'array' | 'object' | 'any'

export type Field = { readonly name: string; readonly kinds: readonly Kind[]; readonly optional: boolean }

/** A constant that a `.sql` file is read into. */
export type DeclaredStatement = {
  /** Where the constant is: `services/order/list-orders/route.ts:10`. */
  readonly place: string
  /** The `.sql` file, absolute. */
  readonly file: string
  /** Undefined when no row type is given: nobody reads what it returns. */
  readonly row: readonly Field[] | undefined
}

export type StatementCall = {
  readonly place: string
  readonly file: string
  /** How many values are passed. */
  readonly values: number
}

/** Reads the statements of the projects with these configuration files (`tsconfig.json`, absolute). */
export const readStatements = (
  configFiles: readonly string[],
): { declared: readonly DeclaredStatement[]; calls: readonly StatementCall[] } => {
  const api = new API({ cwd: dirname(configFiles[0] ?? '') })
  try {
    const snapshot = api.updateSnapshot({ openProjects: [...configFiles] })
    const read = configFiles.map((config) => {
      const project = snapshot.getProject(config)
      if (project === undefined) throw new Error(`the compiler does not know ${config}`)
      return statementsOf(project)
    })
    return { declared: read.flatMap(({ declared }) => declared), calls: read.flatMap(({ calls }) => calls) }
  } finally {
    api.close()
  }
}

const DECLARATION = /^(?:export )?const (\w+) = sql\b(?:(?!\bconst\b)[^])*?\(\s*import\.meta\.url,\s*'([^']+)'/gm

const statementsOf = ({ program, checker, configFileName }: Project) => {
  const base = dirname(configFileName)
  const sources = program
    .getSourceFileNames()
    .filter((file) => file.startsWith(base) && !file.includes('/node_modules/') && !/\.test\.ts$|\/test-/.test(file))
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }))
  const declared: DeclaredStatement[] = []
  const fileOf = new Map<number, string>()
  for (const { file, text } of sources) {
    for (const { index, 1: name = '', 2: sqlFile = '' } of text.matchAll(DECLARATION)) {
      const symbol = checker.getSymbolAtPosition(
        file,
        text.indexOf(name, text.indexOf('const', index) + 'const'.length),
      )
      if (symbol === undefined) throw new Error(`${file}: the compiler does not know ${name}`)
      const statement = join(dirname(file), sqlFile)
      fileOf.set(symbol.id, statement)
      declared.push({
        place: placeOf(file, text, index),
        file: statement,
        row: rowOf(checker.getTypeOfSymbol(symbol), checker),
      })
    }
  }
  const calls = sources
    .filter(({ text }) => text.includes('.query('))
    .flatMap(({ file, text }) =>
      callsIn(program.getSourceFile(file), checker, fileOf).map(({ node, ...call }) => ({
        ...call,
        place: placeOf(file, text, node.pos),
      })),
    )
  return { declared, calls }
}

const placeOf = (file: string, text: string, at: number): string =>
  `${file}:${text.slice(0, at).split('\n').length + (text[at] === '\n' ? 1 : 0)}`

/** The fields of `Statement<Row>`. */
const rowOf = (statement: Type | undefined, checker: Checker): readonly Field[] | undefined => {
  const property = statement && checker.getPropertyOfType(statement, 'row')
  const declared = property && checker.getTypeOfSymbol(property)
  const row = declared && checker.getNonNullableType(declared)
  if (row === undefined || (row.flags & (TypeFlags.Never | TypeFlags.Undefined)) !== 0) return undefined
  return checker.getPropertiesOfType(row).map((field) => ({
    name: field.name,
    optional: (field.flags & SymbolFlags.Optional) !== 0,
    kinds: kindsOf(checker.getTypeOfSymbol(field), checker),
  }))
}

const PRIMITIVES: readonly (readonly [flags: number, kind: Kind])[] = [
  [TypeFlags.Any | TypeFlags.Unknown | TypeFlags.TypeParameter, 'any'],
  [TypeFlags.String | TypeFlags.StringLiteral | TypeFlags.TemplateLiteral | TypeFlags.StringMapping, 'string'],
  [TypeFlags.Number | TypeFlags.NumberLiteral, 'number'],
  [TypeFlags.Boolean | TypeFlags.BooleanLiteral, 'boolean'],
]

const kindsOf = (type: Type | undefined, checker: Checker): readonly Kind[] => {
  if (type === undefined) return ['any']
  // `string & { brand }` is a string: the first part that is no object counts.
  const parts = type.isUnionType() || type.isIntersectionType() ? type.getTypes() : undefined
  if (type.isUnionType() && parts !== undefined) return [...new Set(parts.flatMap((part) => kindsOf(part, checker)))]
  if (parts !== undefined) {
    const kinds = parts.flatMap((part) => kindsOf(part, checker))
    return [kinds.find((kind) => kind !== 'object') ?? 'object']
  }
  if ((type.flags & TypeFlags.Nullable) !== 0) return []
  const primitive = PRIMITIVES.find(([flags]) => (type.flags & flags) !== 0)
  return [primitive?.[1] ?? objectKind(type, checker)]
}

const objectKind = (type: Type, checker: Checker): Kind => {
  if (checker.isArrayLikeType(type)) return 'array'
  const name = type.getSymbol()?.name
  return name === 'Date' ? 'Date' : name === 'Buffer' || name === 'Uint8Array' ? 'bytes' : 'object'
}

/** The calls `….query(statement, [values])` of a file whose statement and number of values can be told. */
const callsIn = (source: SourceFile | undefined, checker: Checker, fileOf: ReadonlyMap<number, string>) => {
  const found: { readonly node: Node; readonly file: string; readonly values: number }[] = []
  const visit = (node: Node): void => {
    if (isCallExpression(node) && isQuery(node)) {
      const [statement, values] = node.arguments
      const file = statement && isIdentifier(statement) ? fileOf.get(symbolOf(statement, checker) ?? -1) : undefined
      const count =
        values === undefined
          ? 0
          : isArrayLiteralExpression(values)
            ? lengthOf(values, checker)
            : tupleLength(values, checker)
      if (file !== undefined && count !== undefined) found.push({ node, file, values: count })
    }
    node.forEachChild(visit)
  }
  if (source !== undefined) visit(source)
  return found
}

const isQuery = ({ expression }: CallExpression): boolean =>
  isPropertyAccessExpression(expression) &&
  expression.name.kind === SyntaxKind.Identifier &&
  expression.name.text === 'query'

const symbolOf = (name: Identifier, checker: Checker): number | undefined => {
  const symbol = checker.getSymbolAtLocation(name)
  return symbol && ((symbol.flags & SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol).id
}

/** Undefined when it holds what has no fixed length. */
const lengthOf = ({ elements }: ArrayLiteralExpression, checker: Checker): number | undefined => {
  let length = 0
  for (const element of elements) {
    const more = isSpreadElement(element) ? tupleLength(element.expression, checker) : 1
    if (more === undefined) return undefined
    length += more
  }
  return length
}

const tupleLength = (node: Node, checker: Checker): number | undefined => {
  const type = checker.getTypeAtLocation(node)
  return type !== undefined && checker.isTupleType(type) && type.isTypeReference()
    ? checker.getTypeArguments(type).length
    : undefined
}
