import { diagram as lifecycle } from '@services/order/inspect'
import { diagram, purchaseSaga } from '@services/purchase/inspect'
import { codeInGuides } from './code.ts'
import type { Generated } from './generated.ts'
import { messagesTable } from './messages-table.ts'
import { processCommands, processTable } from './processes.ts'
import { problemCodes } from './problem-codes.ts'
import { settingsTable } from './settings-table.ts'

/** Everything in the documents that is made from the code. */
export const allGenerated = (): readonly Generated[] => [
  { file: 'README.md', name: 'purchase', text: mermaid(diagram(purchaseSaga)) },
  { file: 'services/order/README.md', name: 'order lifecycle', text: mermaid(lifecycle()) },
  { file: 'docs/problems/README.md', name: 'problems', text: problemTable() },
  { file: 'docs/guide/run-it.md', name: 'settings', text: settingsTable() },
  { file: 'docs/guide/kafka.md', name: 'messages', text: messagesTable() },
  { file: 'docs/guide/run-as-processes.md', name: 'processes', text: processTable() },
  { file: 'docs/guide/run-as-processes.md', name: 'commands', text: processCommands() },
  ...codeInGuides(),
]

const mermaid = (chart: string): string => `\`\`\`mermaid\n${chart.trimEnd()}\n\`\`\``

const problemTable = (): string => {
  const rows = problemCodes().map(
    ({ code, status, title, owner }) => `| [${code}](${code}.md) | ${status} | ${title} | ${owner} |`,
  )
  return ['| Code | Status | Title | Answered by |', '|---|---|---|---|', ...rows].join('\n')
}
