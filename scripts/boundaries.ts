// Checks the dependency rule (dependency-rule.ts) over the whole tree: `npm run check:boundaries`.
import { cruise } from 'dependency-cruiser'
import type { ICruiseResult, IModule } from 'dependency-cruiser'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Visitor } from '@swc/core/Visitor.js'
import { dependencyRule } from './dependency-rule.ts'
import { handlerBreaches, handlerRules } from './handlers.ts'
import { undeclaredIn } from './workspaces.ts'

const FOLDERS = ['contracts', 'kit', 'services', 'apps', 'bench', 'test']

/** The rules that dependency-cruiser has no words for. */
export const furtherRules: Readonly<Record<string, string>> = {
  'kit-without-cycles': 'packages of the kit form layers',
  'declared-dependency': 'its package.json does not name that package: add it, then npm install',
  ...handlerRules,
}

export type Breach = { readonly rule: string; readonly from: string; readonly to: string; readonly why: string }

/** What breaks the rules in the folders below `base`. Throws when nothing was read: silence would look like obedience. */
export const breachesIn = async (base: string): Promise<{ modules: number; breaches: readonly Breach[] }> => {
  const { output } = await cruise(
    FOLDERS.filter((folder) => existsSync(join(base, folder))),
    {
      baseDir: base,
      ruleSet: { forbidden: [...dependencyRule] },
      validate: true,
      parser: 'swc',
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules/' },
      exclude: { path: '^test/sins/' },
    },
    { exportsFields: ['exports'], conditionNames: ['node', 'import', 'types', 'default'], extensions: ['.ts', '.js'] },
  )
  const { modules, summary } = output as ICruiseResult
  const read = modules.filter(({ source }) => source.endsWith('.ts') && !source.includes('node_modules/'))
  const imports = read.reduce((sum, { dependencies }) => sum + dependencies.length, 0)
  if (read.length === 0 || imports === 0) throw new Error(`dependency-cruiser read ${read.length} modules in ${base}`)
  return {
    modules: read.length,
    breaches: [
      ...summary.violations.map(({ rule, from, to }) => ({
        rule: rule.name,
        from,
        to,
        why: dependencyRule.find(({ name }) => name === rule.name)?.comment ?? '',
      })),
      ...[...circlesOfTheKit(read), ...undeclaredIn(base, read), ...handlerBreaches(base, read)].map((breach) => ({
        ...breach,
        why: furtherRules[breach.rule] ?? '',
      })),
    ],
  }
}

/** Packages of the kit form layers: an import is a breach when its target leads back. Tests may look down on all. */
const circlesOfTheKit = (modules: readonly IModule[]): readonly Omit<Breach, 'why'>[] => {
  const packageOf = (path: string): string | undefined => /^kit\/[^/]+/.exec(path)?.[0]
  const imports = modules
    .filter(({ source }) => !/(\.test|\/test-[^/]+)\.ts$/.test(source))
    .flatMap(({ source, dependencies }) => dependencies.map(({ resolved }) => ({ from: source, to: resolved })))
    .filter(({ from, to }) => packageOf(from) && packageOf(to) && packageOf(from) !== packageOf(to))
  const leadsTo = (
    start: string | undefined,
    end: string | undefined,
    seen = new Set<string | undefined>(),
  ): boolean => {
    if (start === end) return true
    if (seen.has(start)) return false
    seen.add(start)
    return imports.some(({ from, to }) => packageOf(from) === start && leadsTo(packageOf(to), end, seen))
  }
  return imports
    .filter(({ from, to }) => leadsTo(packageOf(to), packageOf(from)))
    .map(({ from, to }) => ({ rule: 'kit-without-cycles', from, to }))
}

/** dependency-cruiser walks the tree by swc's visitor, which throws on `using` (as of @swc/core 1.15). */
const readUsingDeclarations = (): void => {
  // oxlint-disable-next-line typescript/unbound-method -- called with its `this` below
  const visit = Visitor.prototype.visitStatement
  Visitor.prototype.visitStatement = function (statement) {
    if ((statement.type as string) !== 'UsingDeclaration') return visit.call(this, statement)
    for (const { init } of (statement as unknown as { decls: { init?: Parameters<Visitor['visitExpression']>[0] }[] })
      .decls) {
      if (init !== undefined) this.visitExpression(init)
    }
    return statement
  }
}

readUsingDeclarations()

if (import.meta.main) {
  const { modules, breaches } = await breachesIn(new URL('..', import.meta.url).pathname)
  for (const { rule, from, to, why } of breaches) console.log(`${from} uses ${to}\n  ${rule}: ${why}`)
  console.log(`${modules} modules read, ${breaches.length} breaches`)
  process.exitCode = breaches.length === 0 ? 0 : 1
}
