// npm puts every package where every workspace finds it, so an import works whether it is declared or not, until the
// workspace is taken elsewhere.
import type { IModule } from 'dependency-cruiser'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Manifest = {
  readonly name?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export type Undeclared = { readonly rule: 'declared-dependency'; readonly from: string; readonly to: string }

/**
 * Imports of packages that the package.json of the importing workspace does not name, types included. Tests may have what
 * the root has for all.
 */
export const undeclaredIn = (base: string, modules: readonly IModule[]): readonly Undeclared[] => {
  const forTests = namesIn(join(base, 'package.json'))
  const declared = new Map<string, ReadonlySet<string> | undefined>()
  const declaredBy = (workspace: string): ReadonlySet<string> | undefined => {
    if (!declared.has(workspace)) declared.set(workspace, namesIn(join(base, workspace, 'package.json')))
    return declared.get(workspace)
  }
  return modules.flatMap(({ source, dependencies }) => {
    const names = declaredBy(workspaceOf(source))
    if (names === undefined) return []
    const packages = dependencies
      .filter(({ module, coreModule }) => !coreModule && !/^[./]|^node:/.test(module))
      .map(({ module }) => packageOf(module))
    return [...new Set(packages)]
      .filter((name) => !names.has(name) && !(isTest(source) && forTests?.has(name) === true))
      .map((name): Undeclared => ({ rule: 'declared-dependency', from: source, to: name }))
  })
}

const isTest = (file: string): boolean => /(\.test|\/test-[^/]+)\.ts$/.test(file)

/** `kit/jobs` of `kit/jobs/runner.ts`, `contracts` of `contracts/roles.ts`. */
const workspaceOf = (file: string): string => /^(?:(?:kit|services|apps)\/)?[^/]+/.exec(file)?.[0] ?? ''

/** `@kit/http` of `@kit/http/route`. */
const packageOf = (specifier: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier

const namesIn = (file: string): ReadonlySet<string> | undefined => {
  if (!existsSync(file)) return undefined
  const { name = '', dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  return new Set([name, ...Object.keys(dependencies), ...Object.keys(devDependencies)])
}
