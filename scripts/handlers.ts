// What handles messages runs inside a transaction, is done again after a conflict or a crash, and must then come to the same
// end: it calls nobody outside, reads no clock and throws no dice. Judged are rules (`domain/`, `decide.ts`), the files of a
// service that make a consumer, a saga or facts, and all that these import of their service.
import { parseSync } from '@swc/core'
import type { IModule } from 'dependency-cruiser'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type HandlerBreach = { readonly rule: HandlerRule; readonly from: string; readonly to: string }
type HandlerRule = keyof typeof handlerRules

export const handlerRules = {
  'handlers-stay-inside': 'it is in a transaction: what is slow or outside is a job (kit/jobs)',
  'handlers-read-no-clock':
    'handled again it must come to the same end: the time is of the message or of platform.clock',
  'handlers-throw-no-dice':
    'handled again it must come to the same end: ids and chance are of the message or of platform',
} as const

const isTest = (file: string): boolean => /(\.test|\/test-[^/]+)\.ts$/.test(file)
const isRoot = (file: string): boolean => /^services\/[^/]+\/(domain\/|(.+\/)?(decide|handle|facts)\.ts$)/.test(file)
/** Whoever imports these as values makes a handler, whatever the file is called. */
const MAKERS = /^@kit\/(messaging\/consumer|saga\/saga|saga\/running\/consumer)$/

/** The breaches of what runs in a transaction for a message, among the modules below `base`. */
export const handlerBreaches = (base: string, modules: readonly IModule[]): readonly HandlerBreach[] =>
  handled(modules).flatMap((module) => [
    ...importsOf(module),
    ...usesIn(readFileSync(join(base, module.source), 'utf8')).map((use) => ({ ...use, from: module.source })),
  ])

/** Values that a module imports; types are nothing at run time. */
const valuesOf = ({ dependencies }: IModule) =>
  dependencies.filter(({ dependencyTypes }) => !dependencyTypes.includes('type-only'))

/** The roots and what they import of their service. */
const handled = (modules: readonly IModule[]): readonly IModule[] => {
  const byPath = new Map(modules.map((module) => [module.source, module]))
  const found = new Set<IModule>()
  const add = (module: IModule | undefined, service: string | undefined): void => {
    if (module === undefined || service === undefined || serviceOf(module.source) !== service) return
    if (found.has(module) || isTest(module.source)) return
    found.add(module)
    for (const { resolved } of valuesOf(module)) add(byPath.get(resolved), service)
  }
  for (const module of modules) {
    const makes = valuesOf(module).some(({ module: name }) => MAKERS.test(name))
    if (isRoot(module.source) || makes) add(module, serviceOf(module.source))
  }

  return [...found]
}

const serviceOf = (file: string): string | undefined => /^services\/([^/]+)\//.exec(file)?.[1]

/** Parts of Node, and packages, that only compute. */
const COMPUTES = new Set([
  'assert',
  'buffer',
  'crypto',
  'path',
  'querystring',
  'string_decoder',
  'typebox',
  'url',
  'util',
])
const KEEPS_TIME = new Set(['timers', 'timers/promises', 'perf_hooks'])

const importsOf = (module: IModule): readonly HandlerBreach[] =>
  valuesOf(module).flatMap(({ module: name, dependencyTypes }): readonly HandlerBreach[] => {
    const part = name.replace(/^node:/, '')
    const isOthers = dependencyTypes.some((type) => type === 'core' || type.startsWith('npm'))
    if (!isOthers || COMPUTES.has(part)) return []
    const rule = KEEPS_TIME.has(part) ? 'handlers-read-no-clock' : 'handlers-stay-inside'
    return [{ rule, from: module.source, to: name }]
  })

type Use = Pick<HandlerBreach, 'rule' | 'to'>
type Syntax = { readonly type?: string; readonly [part: string]: unknown }

const OUTSIDE = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'process', 'console'])
const CLOCKS = new Set(['performance', 'setTimeout', 'setInterval', 'setImmediate'])
/** What node:crypto and its global make by chance. */
const DICE = /^(random|getRandomValues|generate|subtle|webcrypto|default)/

/** What the text uses of the world, by name. */
const usesIn = (text: string): readonly Use[] => {
  const uses: Use[] = []
  const look = (node: unknown, isName = false): void => {
    if (Array.isArray(node)) for (const each of node) look(each)
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return
    const syntax = node as Syntax
    // The name of a property is no use of what is called so elsewhere; a type is nothing at run time.
    if (isName && syntax.type === 'Identifier') return
    if (syntax.type?.startsWith('Ts') === true && !EXPRESSIONS.has(syntax.type)) return
    const use = useOf(syntax)
    if (use !== undefined) uses.push(use)
    for (const [part, value] of Object.entries(syntax)) look(value, part === 'property' || part === 'key')
  }
  look(parseSync(text, { syntax: 'typescript', target: 'es2024' }).body)
  return uses
}

/** Syntax of TypeScript that has a value inside. */
const EXPRESSIONS = new Set(['TsAsExpression', 'TsNonNullExpression', 'TsSatisfiesExpression', 'TsConstAssertion'])

const useOf = (node: Syntax): Use | undefined => {
  switch (node.type) {
    case 'Identifier': {
      const name = String(node['value'])
      if (OUTSIDE.has(name)) return { rule: 'handlers-stay-inside', to: name }
      return CLOCKS.has(name) ? { rule: 'handlers-read-no-clock', to: name } : undefined
    }
    case 'MemberExpression': {
      const [object, property] = [named(node['object']), named(node['property'])]
      if (object === 'Date' && property === 'now') return { rule: 'handlers-read-no-clock', to: 'Date.now' }
      if (object === 'Math' && property === 'random') return { rule: 'handlers-throw-no-dice', to: 'Math.random' }
      const isDice = object === 'crypto' && DICE.test(property ?? 'default')
      return isDice ? { rule: 'handlers-throw-no-dice', to: `crypto.${property ?? '…'}` } : undefined
    }
    case 'NewExpression': {
      const isNow = named(node['callee']) === 'Date' && !hasArguments(node)
      return isNow ? { rule: 'handlers-read-no-clock', to: 'new Date()' } : undefined
    }
    case 'CallExpression':
      return named(node['callee']) === 'Date' ? { rule: 'handlers-read-no-clock', to: 'Date()' } : undefined
    case 'ImportDeclaration': {
      const dice = importedFrom(node, /^(node:)?crypto$/).find((name) => DICE.test(name))
      return dice === undefined ? undefined : { rule: 'handlers-throw-no-dice', to: `crypto.${dice}` }
    }
    case undefined:
    default:
      return undefined
  }
}

const named = (node: unknown): string | undefined =>
  (node as Syntax)?.type === 'Identifier' ? String((node as Syntax)['value']) : undefined

const hasArguments = ({ arguments: given }: Syntax): boolean => Array.isArray(given) && given.length > 0

/** The names that a declaration imports of a module as values; `default` for all of it. */
const importedFrom = (node: Syntax, module: RegExp): readonly string[] => {
  const { source, typeOnly, specifiers } = node as unknown as {
    readonly source: { readonly value: string }
    readonly typeOnly: boolean
    readonly specifiers: readonly { readonly type: string; readonly local: Syntax; readonly imported?: Syntax | null }[]
  }
  if (typeOnly || !module.test(source.value)) return []
  return specifiers.map(({ type, local, imported }) =>
    type === 'ImportSpecifier' ? (named(imported ?? local) ?? 'default') : 'default',
  )
}
