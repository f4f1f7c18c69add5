import { exitCode, Stop } from '../command-line/exit-code.ts'
import { addDependencies, addImport, addRow, appendModule, insertAfter } from './edit.ts'
import { camel, namesOf, pascal, snake, words, type Names } from './names.ts'
import { patternFile, patternFolder, patternNames } from './pattern.ts'
import type { Tree } from './tree.ts'

const { service: DEPOT, useCase: SEND_PARCEL } = patternNames
const HEADER = '| Use case | Folder |'

/** Throws a `Stop` unless it is written as folders of use cases are. */
export const requireUseCaseName = (name: string): void => {
  if (/^[a-z]+(-[a-z][a-z0-9]*)+$/.test(name) && name.length <= 40) return
  throw new Stop(`a use case is called verb-noun in small letters, like send-parcel; "${name}" is not`, {
    exitCode: exitCode.usage,
  })
}

/** Plans a route that writes and tells, in a service that is there. Throws a `Stop` when the name is taken. */
export const planUseCase = (tree: Tree, service: string, useCase: string): void => {
  requireUseCaseName(useCase)
  const names = namesOf(service, useCase, prefixesOf(tree, service), (path) =>
    tree.read(`contracts/http/${service}.ts`).includes(`path: '${path}'`),
  )
  requireFree(tree, names)
  const slice = patternFolder(`services/${DEPOT}/${SEND_PARCEL}`, names)
  for (const [file, text] of slice) tree.write(file, text)
  tree.write(migrationOf(tree, names), patternFile(`services/${DEPOT}/migrations/0001-${SEND_PARCEL}.sql`, names))
  for (const kind of ['http', 'messages'] as const) {
    const file = `contracts/${kind}/${service}.ts`
    tree.write(file, appendModule(tree.read(file), patternFile(`contracts/${kind}/${DEPOT}.ts`, names)))
  }
  listRoute(tree, names)
  const readme = `services/${service}/README.md`
  tree.write(readme, addRow(tree.read(readme), HEADER, `| ${words(useCase)} | \`${useCase}/\` |`, readme))
  declare(tree, `services/${service}`, packagesOf(tree, [...slice.values()]))
}

/** The paths of the service's API that the gateway lets through. */
const prefixesOf = (tree: Tree, service: string): readonly string[] => {
  const file = 'contracts/services.ts'
  const isWord = /^\w+$/.test(service)
  const row = isWord ? new RegExp(`^  ${service}: \\{\\n[^]*?^  \\},\\n`, 'm').exec(tree.read(file))?.[0] : undefined
  if (row === undefined || !tree.has(`services/${service}/service.ts`)) {
    const all = tree.list('services').filter((name) => tree.read(file).includes(`\n  ${name}: {`))
    throw new Stop(`there is no service "${service}" that has use cases; there are ${all.join(', ')}`, {
      fix: `argosy new service ${service}, if it is to be a new one`,
      exitCode: exitCode.usage,
    })
  }
  return [...row.matchAll(/below\('(\/api\/[^']+)'/g)].map(([, prefix = '']) => prefix)
}

const requireFree = (tree: Tree, { service, useCase, event, kept, path }: Names): void => {
  const [http, messages] = ['http', 'messages'].map((kind) => `contracts/${kind}/${service}.ts`) as [string, string]
  const taken: readonly (readonly [isTaken: boolean, what: string])[] = [
    [tree.has(`services/${service}/${useCase}`), `services/${service}/${useCase}/ is there`],
    [exportsOf(tree, http).includes(pascal(useCase)), `${http} has ${pascal(useCase)}`],
    [exportsOf(tree, messages).includes(pascal(event)), `${messages} has ${pascal(event)}`],
    [tree.read(http).includes(`path: '${path}'`), `${http} has ${path}`],
    [
      new RegExp(`\\b${camel(useCase)}\\b`).test(tree.read(`services/${service}/service.ts`)),
      `service.ts has ${camel(useCase)}`,
    ],
    [tablesOf(tree, service).includes(snake(kept)), `the service has a table ${snake(kept)}`],
  ]
  const found = taken.find(([isTaken]) => isTaken)
  if (found === undefined) return
  throw new Stop(`the name "${useCase}" is taken in ${service}: ${found[1]}`, {
    fix: 'choose another verb or noun',
    exitCode: exitCode.usage,
  })
}

const exportsOf = (tree: Tree, file: string): readonly string[] =>
  [...tree.read(file).matchAll(/^export const (\w+)/gm)].map(([, name = '']) => name)

const migrationsOf = (tree: Tree, service: string): readonly string[] =>
  tree.list(`services/${service}/migrations`).filter((file) => /^\d{4}-.*\.sql$/.test(file))

const tablesOf = (tree: Tree, service: string): readonly string[] =>
  migrationsOf(tree, service)
    .map((file) => tree.read(`services/${service}/migrations/${file}`))
    .flatMap((text) => [...text.matchAll(/^create table (\w+)/gm)].map(([, name = '']) => name))

const migrationOf = (tree: Tree, { service, useCase }: Names): string => {
  const last = Math.max(0, ...migrationsOf(tree, service).map((file) => Number(file.slice(0, 4))))
  return `services/${service}/migrations/${String(last + 1).padStart(4, '0')}-${useCase}.sql`
}

const listRoute = (tree: Tree, { service, useCase }: Names): void => {
  const file = `services/${service}/service.ts`
  const imported = addImport(tree.read(file), `{ ${camel(useCase)} }`, `./${useCase}/route.ts`)
  tree.write(file, insertAfter(imported, /\broutes: \[/, `${camel(useCase)}, `, file))
}

/** The packages that modules import, with the versions of this tree. */
export const packagesOf = (tree: Tree, modules: readonly string[]): Readonly<Record<string, string>> => {
  const names = modules.flatMap((text) =>
    [...text.matchAll(/ from '((?:@[^/']+\/)?[^/'.:]+)(?:\/[^']*)?'/g)].map(([, name = '']) => name),
  )
  const { packages } = JSON.parse(tree.read('package-lock.json')) as {
    packages: Record<string, { version?: string; resolved?: string }>
  }
  return Object.fromEntries(
    [...new Set(names)].toSorted().map((name) => {
      const { version, resolved = '' } = packages[`node_modules/${name}`] ?? {}
      return [name, version ?? packages[resolved]?.version ?? '']
    }),
  )
}

/** Names packages in the package.json of a workspace, and in the lock file, as npm would. */
export const declare = (tree: Tree, workspace: string, packages: Readonly<Record<string, string>>): void => {
  const manifest = `${workspace}/package.json`
  tree.write(manifest, addDependencies(tree.read(manifest), packages))
  const lock = tree.read('package-lock.json')
  tree.write('package-lock.json', addDependencies(lock, packages, ['packages', workspace]))
}
