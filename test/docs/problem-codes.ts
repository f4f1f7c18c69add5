import { services } from '@apps/argosy/fleet'
import { generalProblems } from '@kit/problem/general'
import type { Problem } from '@kit/problem/refusal'

export type Code = Problem & { readonly code: string; readonly owner: string }

/** Every problem code there is, with who answers it; sorted by code. */
export const problemCodes = (): readonly Code[] => {
  const codes: Code[] = entriesOf('every service', generalProblems)
  for (const service of services) codes.push(...entriesOf(service.name, service.problems))
  return codes.sort((a, b) => (a.code < b.code ? -1 : 1))
}

const entriesOf = (owner: string, problems: Readonly<Record<string, Problem>>): Code[] =>
  Object.entries(problems).map(([code, problem]) => ({ ...problem, code, owner }))
