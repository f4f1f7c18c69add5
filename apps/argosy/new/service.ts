import { exitCode, Stop } from '../command-line/exit-code.ts'
import { addImport, insertAfter } from './edit.ts'
import { namesOf } from './names.ts'
import { patternFile, patternFolder, patternNames } from './pattern.ts'
import type { Tree } from './tree.ts'
import { declare, packagesOf, requireUseCaseName } from './use-case.ts'

const { service: DEPOT } = patternNames
const VERSION = '0.1.0'

/** Plans a service with one use case, and its name in every place that must know it. Throws a `Stop` when it is taken. */
export const planService = (tree: Tree, service: string, useCase = `register-${service}`): void => {
  requireServiceName(tree, service)
  requireUseCaseName(useCase)
  const names = namesOf(service, useCase, [`/api/v1/${service}`])
  const files = patternFolder(`services/${DEPOT}`, names)
  for (const [file, text] of files) tree.write(file, text)
  for (const kind of ['http', 'messages'])
    tree.write(`contracts/${kind}/${service}.ts`, patternFile(`contracts/${kind}/${DEPOT}.ts`, names))
  addPackage(tree, service)
  declare(tree, `services/${service}`, packagesOf(tree, [...files.values()]))
  addToTable(tree, service)
  addToFleet(tree, service)
}

const requireServiceName = (tree: Tree, service: string): void => {
  const usage = { exitCode: exitCode.usage }
  if (!/^[a-z][a-z0-9]{2,29}$/.test(service))
    throw new Stop(`a service is called by one word of 3 to 30 small letters and digits; "${service}" is not`, usage)
  const taken: readonly (readonly [isTaken: boolean, what: string])[] = [
    [tree.has(`services/${service}`), `services/${service}/ is there`],
    [WORDS.has(service), 'the language or the shop uses that word'],
    [new RegExp(`\\b${service}\\b`).test(tree.read('apps/argosy/fleet.ts')), 'apps/argosy/fleet.ts uses that word'],
  ]
  const found = taken.find(([isTaken]) => isTaken)
  if (found !== undefined)
    throw new Stop(`the name "${service}" is taken: ${found[1]}`, { ...usage, fix: 'choose another word' })
}

/** What a constant, a schema or a folder of that name would collide with. */
const WORDS = new Set(
  (
    'await break case catch class const continue debugger default delete else enum export extends false finally for function ' +
    'implements import instanceof interface let new null package private protected public return static super switch this ' +
    'throw true try typeof var void while with yield arguments eval undefined gateway page public sandbox argosy'
  ).split(' '),
)

const addPackage = (tree: Tree, service: string): void => {
  const [name, folder] = [`@services/${service}`, `services/${service}`]
  const about = { version: VERSION, license: 'MIT' }
  const manifest = {
    name,
    version: VERSION,
    private: true,
    type: 'module',
    license: 'MIT',
    exports: { './service': './service.ts' },
    dependencies: {},
  }
  tree.write(`${folder}/package.json`, JSON.stringify(manifest))
  tree.link(`node_modules/${name}`, folder)
  // The lock file, and npm's own record of what is installed: the link is all that there is to install.
  for (const file of ['package-lock.json', 'node_modules/.package-lock.json'].filter((each) => tree.has(each))) {
    const lock = JSON.parse(tree.read(file)) as { packages: Record<string, object> }
    const packages = {
      ...lock.packages,
      [folder]: { name, ...about, dependencies: {} },
      [`node_modules/${name}`]: { resolved: folder, link: true },
    }
    const sorted = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    tree.write(file, `${JSON.stringify({ ...lock, packages: sorted }, undefined, 2)}\n`)
  }
}

const addToTable = (tree: Tree, service: string): void => {
  const file = 'contracts/services.ts'
  const row = `  ${service}: {
    http: () => import('./http/${service}.ts'),
    prefixes: [below('/api/v1/${service}', 'everyday', 10)],
    answersRpc: false,
  },
`
  tree.write(file, insertAfter(tree.read(file), /^export const serviceTable = \{\n(?: .*\n)+/m, row, file))
}

const addToFleet = (tree: Tree, service: string): void => {
  const file = 'apps/argosy/fleet.ts'
  const text = tree.read(file)
  const imported = text.includes("'@services/")
    ? insertAfter(
        text,
        /(?:^import .* from '@services\/.*'\n)+/m,
        `import { ${service} } from '@services/${service}/service'\n`,
        file,
      )
    : addImport(text, `{ ${service} }`, `@services/${service}/service`)
  tree.write(file, insertAfter(imported, /^const own: [^{]*\{/m, ` ${service},`, file))
  declare(tree, 'apps/argosy', { [`@services/${service}`]: VERSION })
}
