import type { Command } from '../command.ts'
import { wrongForm } from '../wrong-form.ts'

/** Makes a projection anew from the events that it shows. */
export const rebuild: Command = {
  usage: ['orders'],
  run: async () => {
    throw wrongForm('rebuild', rebuild)
  },
}
