// Is everything known where it must be: services in the one table, operations below a path that the gateway lets through,
// problems on a page of their own? What is forgotten there is a 404 for a customer, or a start that fails.
// `npm run check:services`.
import { parseConfig } from '@kit/config/config'
import { generalProblems } from '@kit/problem/general'
import { existsSync, globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { config } from '../services/gateway/config.ts'
import { limitsOf } from '../services/gateway/policies.ts'

/** The gateway has a folder, and neither tables nor a line: it is what reads the table. */
const GATEWAY = 'gateway'

export const serviceRules = {
  'service-in-the-table': 'contracts/services.ts has no line of it: nobody starts it, and the gateway answers 404',
  'path-let-through': 'no prefix of its service in contracts/services.ts is above its path',
  'limit-of-the-gateway': 'the gateway has no such rate limit (services/gateway/policies.ts)',
  'known-problem': "neither the service's problems.ts nor kit/problem/general.ts has that code",
  'problem-has-a-page': 'docs/problems/<code>.md is missing; npm run docs then renews the index',
  'page-has-a-problem': 'nobody answers that code any more',
} as const

type Rule = keyof typeof serviceRules
export type ServiceComplaint = { readonly rule: Rule; readonly file: string; readonly what: string }

type Row = { readonly http: () => Promise<object>; readonly prefixes: readonly { below: string; limit: string }[] }
type Way = { readonly method: string; readonly path: string }
type Operation = Way & { readonly problems?: readonly string[]; readonly aliases?: readonly Way[] }
type Tree = {
  readonly base: string
  readonly table: Readonly<Record<string, Row>>
  /** The codes of each service's `problems.ts`, by the service's name. */
  readonly codes: ReadonlyMap<string, readonly string[]>
  readonly limits: readonly string[]
}

const filesIn = (base: string, pattern: string): readonly string[] => globSync(pattern, { cwd: base }).sort()

/** What is forgotten in the tree below `base`; `limits` are the names that the gateway knows. */
export const forgottenIn = async (base: string, limits: readonly string[]): Promise<readonly ServiceComplaint[]> => {
  const { serviceTable } = (await import(join(base, 'contracts/services.ts'))) as { serviceTable: Tree['table'] }
  const codes = new Map<string, readonly string[]>()
  for (const file of filesIn(base, 'services/*/problems.ts')) {
    const { problems } = (await import(join(base, file))) as { problems: object }
    codes.set(basename(dirname(file)), Object.keys(problems))
  }
  const tree = { base, table: serviceTable, codes, limits }
  return [...missingServices(tree), ...unknownLimits(tree), ...(await operations(tree)), ...pages(tree)]
}

const missingServices = ({ base, table }: Tree): readonly ServiceComplaint[] => [
  ...filesIn(base, 'services/*/service.ts')
    .filter((file) => ![...Object.keys(table), GATEWAY].includes(basename(dirname(file))))
    .map((file): ServiceComplaint => ({ rule: 'service-in-the-table', file, what: basename(dirname(file)) })),
  ...filesIn(base, 'contracts/http/*.ts')
    .filter((file) => ![...Object.keys(table), 'page'].includes(basename(file, '.ts')))
    .map((file): ServiceComplaint => ({ rule: 'service-in-the-table', file, what: basename(file, '.ts') })),
]

const unknownLimits = ({ table, limits }: Tree): readonly ServiceComplaint[] =>
  Object.values(table)
    .flatMap(({ prefixes }) => prefixes)
    .filter(({ limit }) => !limits.includes(limit))
    .map(({ below, limit }) => ({
      rule: 'limit-of-the-gateway',
      file: 'contracts/services.ts',
      what: `${below}: ${limit}`,
    }))

const operations = async ({ table, codes }: Tree): Promise<readonly ServiceComplaint[]> => {
  const prefixes = Object.entries(table).flatMap(([to, row]) => row.prefixes.map(({ below }) => ({ to, below })))
  const ownerOf = (path: string): string | undefined =>
    prefixes
      .filter(({ below }) => path === below || path.startsWith(`${below}/`))
      .toSorted((a, b) => b.below.length - a.below.length)[0]?.to
  const complaints: ServiceComplaint[] = []
  for (const [name, { http }] of Object.entries(table)) {
    const file = `contracts/http/${name}.ts`
    const known = [...(codes.get(name) ?? []), ...Object.keys(generalProblems)]
    for (const operation of Object.values(await http()).filter(isOperation)) {
      const { method, path, problems = [], aliases = [] } = operation
      for (const way of [operation, ...aliases].filter((each) => ownerOf(each.path) !== name))
        complaints.push({ rule: 'path-let-through', file, what: `${way.method} ${way.path}` })
      for (const code of problems.filter((each) => !known.includes(each)))
        complaints.push({ rule: 'known-problem', file, what: `${method} ${path}: ${code}` })
    }
  }
  return complaints
}

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'audience' in value

const pages = ({ base, codes }: Tree): readonly ServiceComplaint[] => {
  const general = 'kit/problem/general.ts'
  const owned: [file: string, codes: readonly string[]][] = [...codes].map(([name, of]) => [
    `services/${name}/problems.ts`,
    of,
  ])
  if (existsSync(join(base, general))) owned.push([general, Object.keys(generalProblems)])
  const all = new Set(owned.flatMap(([, each]) => each))
  return [
    ...owned.flatMap(([file, each]) =>
      each
        .filter((code) => !existsSync(join(base, `docs/problems/${code}.md`)))
        .map((what): ServiceComplaint => ({ rule: 'problem-has-a-page', file, what })),
    ),
    ...filesIn(base, 'docs/problems/*.md')
      .filter((file) => !['README', ...all].includes(basename(file, '.md')))
      .map((file): ServiceComplaint => ({ rule: 'page-has-a-problem', file, what: basename(file, '.md') })),
  ]
}

/** The names of the rate limits that the gateway applies. */
export const gatewayLimits = (): readonly string[] => {
  const parsed = parseConfig({ gateway: config }, {})
  if (!parsed.ok) throw new Error('the gateway does not start without settings')
  return Object.keys(limitsOf(parsed.values.gateway) ?? {})
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const services = filesIn(root, 'services/*/service.ts')
  const complaints = await forgottenIn(root, gatewayLimits())
  for (const { rule, file, what } of complaints) console.log(`${file}: ${what}\n  ${rule}: ${serviceRules[rule]}`)
  console.log(`${services.length} services, ${complaints.length} complaints`)
  process.exitCode = complaints.length === 0 && services.length > 0 ? 0 : 1
}
