import type { Command } from './command.ts'

/** A word of the command line; its code, which may be all of the shop, is loaded when it is called. */
export type Word = { readonly summary: string; readonly load: () => Promise<Command> }

export const commands: Readonly<Record<string, Word>> = {
  start: {
    summary: 'run the shop, all services or some, until Ctrl-C',
    load: async () => (await import('../commands/start.ts')).start,
  },
  doctor: {
    summary: 'look at everything that a start needs, and say how to mend what is broken',
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  trace: {
    summary: 'the whole story of a purchase: every step, try, answer and undo, its mail, what is stuck',
    load: async () => (await import('../commands/trace.ts')).trace,
  },
  sagas: {
    summary: 'purchases on their way: which are open, what happened to one, another try at once',
    load: async () => (await import('../commands/sagas.ts')).sagas,
  },
  'dead-letters': {
    summary: 'messages and jobs that could not be handled: show, try again, drop',
    load: async () => (await import('../commands/dead-letters.ts')).deadLetters,
  },
  log: {
    summary: 'who reads the log and how far; forget a group that is no more',
    load: async () => (await import('../commands/log.ts')).log,
  },
  mail: {
    summary: 'look into the built-in mailbox, and at the addresses that are not written to',
    load: async () => (await import('../commands/mail.ts')).mail,
  },
  sandbox: {
    summary: "play the customer's bank: transfer money for a purchase and tell the shop",
    load: async () => (await import('../commands/sandbox.ts')).sandbox,
  },
  order: {
    summary: 'what has happened to an order, and how it stood at a time',
    load: async () => (await import('../commands/order.ts')).order,
  },
  rebuild: {
    summary: 'make a projection anew from its events, or from the facts of others',
    load: async () => (await import('../commands/rebuild.ts')).rebuild,
  },
  admin: {
    summary: "create an admin's account, or give an account a role",
    load: async () => (await import('../commands/admin.ts')).admin,
  },
  backup: {
    summary: 'copy the embedded database into a file, while the shop sells',
    load: async () => (await import('../commands/backup.ts')).backup,
  },
  restore: {
    summary: 'make the embedded database from such a file',
    load: async () => (await import('../commands/restore.ts')).restore,
  },
  reset: {
    summary: 'remove the data folder: all accounts, products, orders',
    load: async () => (await import('../commands/reset.ts')).reset,
  },
  new: {
    summary: 'make a use case or a service: its files, and its name where it must be known',
    load: async () => (await import('../commands/new.ts')).newCommand,
  },
}
