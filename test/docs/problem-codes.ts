import { generalProblems } from '@kit/problem/general'
import type { Problem } from '@kit/problem/refusal'
import type { Service } from '@kit/service/service'
import { globSync } from 'node:fs'
import { repository } from './generated.ts'

export type Code = Problem & { readonly code: string; readonly owner: string }

/** Every problem code there is, with who answers it; sorted by code. */
export const problemCodes = async (): Promise<readonly Code[]> => {
  const codes: Code[] = entriesOf('every service', generalProblems)
  for (const service of await allServices()) codes.push(...entriesOf(service.name, service.problems))
  return codes.sort((a, b) => (a.code < b.code ? -1 : 1))
}

/** What the `service.ts` files export. */
export const allServices = async (): Promise<readonly Service[]> => {
  const files = globSync('services/*/service.ts', { cwd: repository.pathname }).sort()
  const modules = await Promise.all(files.map((file) => import(new URL(file, repository).href)))
  return modules.flatMap((module: object) => Object.values(module).filter(isService))
}

const isService = (value: unknown): value is Service =>
  typeof value === 'object' && value !== null && 'name' in value && 'problems' in value && 'parts' in value

const entriesOf = (owner: string, problems: Readonly<Record<string, Problem>>): Code[] =>
  Object.entries(problems).map(([code, problem]) => ({ ...problem, code, owner }))
