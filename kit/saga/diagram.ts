import { wordsOf } from '@kit/message/message'
import type { Saga } from './saga.ts'

/** The table as a Mermaid flowchart: forward on one side, undo on the other, one arrow per way it can go. */
export const diagram = (saga: Saga): string => {
  const { steps, settle } = saga
  const lines = ['flowchart TD', `  begin([${saga.name} accepted]) --> s0`]
  for (const [i, { name, done, refused, pending, calledOff = [] }] of steps.entries()) {
    const next = i + 1 < steps.length ? [`s${i + 1}`] : settle.map((_, j) => `e${j}`)
    const undone = undoBefore(saga, i + 1)
    lines.push(`  s${i}["${name}"]`)
    for (const target of next.length > 0 ? next : ['completed'])
      lines.push(`  s${i} -- "${wordsOf(done.type)}" --> ${target}`)
    lines.push(`  s${i} -. "${wordsOf(refused.type.type)}" .-> ${undoBefore(saga, i)}`)
    for (const { type } of calledOff) lines.push(`  s${i} -. "${wordsOf(type.type)}" .-> ${undone}`)
    if (pending === undefined) continue
    lines.push(`  s${i} -- "${wordsOf(pending.type)}" --> r${i}`, `  r${i}[/"rests: ${name}"/]`)
    for (const target of next.length > 0 ? next : ['completed'])
      lines.push(`  r${i} -- "${wordsOf(done.type)}" --> ${target}`)
    lines.push(`  r${i} -. "${wordsOf(refused.type.type)}" .-> ${undone}`)
    for (const { type } of calledOff) lines.push(`  r${i} -. "${wordsOf(type.type)}" .-> ${undone}`)
  }
  for (const [j, { name, done }] of settle.entries())
    lines.push(`  e${j}["${name}"]`, `  e${j} -- "${wordsOf(done.type)}" --> completed`)
  for (const [i, { undo }] of [...steps.entries()].toReversed()) {
    if ('coveredBy' in undo) continue
    lines.push(
      `  u${i}["${wordsOf(undo.ask.command.type)}"]`,
      `  u${i} -- "${wordsOf(undo.done.type)}" --> ${undoBefore(saga, i)}`,
    )
  }
  return [...lines, '  completed([completed])', '  failed([refused or cancelled])', ''].join('\n')
}

/** The undo that comes next when everything from step `i` on is undone or was never done. */
const undoBefore = ({ steps }: Saga, i: number): string => {
  for (let j = i - 1; j >= 0; j--) {
    const step = steps[j]
    if (step !== undefined && !('coveredBy' in step.undo)) return `u${j}`
  }
  return 'failed'
}
