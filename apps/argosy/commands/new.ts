import process from 'node:process'
import type { Command } from '../command-line/command.ts'
import { exitCode } from '../command-line/exit-code.ts'
import { wrongForm } from '../command-line/wrong-form.ts'
import { planService } from '../new/service.ts'
import { openTree } from '../new/tree.ts'
import { planUseCase } from '../new/use-case.ts'

/** Makes what a use case or a service consists of, from a pattern that is compiled and tested. */
export const newCommand: Command = {
  usage: ['use-case <service> <verb-noun>', 'service <name> [<verb-noun>]'],
  help: [
    [
      'use-case',
      'a route that writes and tells: folder, migration, contract, test, its line in service.ts and README.md',
    ],
    ['service', 'a service with one such use case, and its name in every place that must know it'],
  ],
  run: async ({ positionals, json, terminal }) => {
    const [what, name, useCase, ...more] = positionals
    const isUseCase = what === 'use-case' && useCase !== undefined
    if ((!isUseCase && what !== 'service') || name === undefined || more.length > 0) throw wrongForm('new', newCommand)
    const tree = openTree(process.cwd())
    if (isUseCase) planUseCase(tree, name, useCase)
    else planService(tree, name, useCase)
    const files = tree.commit()
    if (json) terminal.printJson({ files })
    else for (const file of files) terminal.print(file)
    terminal.say(
      `Now say in ${isUseCase ? `services/${name}/${useCase}/` : `services/${name}/`} what it is to do, then:`,
    )
    terminal.say(`  npm run verify && npm test -- services/${name}`)
    return exitCode.ok
  },
}
