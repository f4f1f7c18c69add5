/**
 * Every place where a crash is interesting, by the name that code gives to `platform.failpoint`. A test arms them with
 * `ARGOSY_FAILPOINTS=<name>:<hit>[,…]`: at that hit of that name the process dies as if by `kill -9`.
 */
export const FAILPOINTS = {
  'reader.before-commit': 'Effects, answers and checkpoint of a batch are written; the commit has not been sent.',
  'outbox.before-wake': 'A transaction with messages is committed; no reader has been woken.',
  'reader.after-commit': 'The batch is committed; nobody in this process has been told.',
  'request.before-commit': 'What a caller asked for is written; the commit has not been sent.',
  'request.after-commit': 'It is committed; the caller has not been answered.',
  'job.before-perform': 'A job is claimed; the call to the outside world has not begun.',
  'job.after-perform': 'The outside world has done it; nothing of that is recorded.',
  'job.before-commit': 'Results of jobs and their messages are written; the commit has not been sent.',
  'job.after-commit': 'Results of jobs are committed; nobody in this process has been told.',
  'relay.before-publish': 'Jobs are marked as published; the broker has not been given them.',
  'relay.after-publish': 'The broker has confirmed jobs; nothing else has happened.',
  'log-relay.before-write': 'Messages of the outbox are read; the brokers of the log have not been given them.',
  'log-relay.after-write': 'The brokers have confirmed messages; that it is so has not been written down.',
  'facts.before-commit': 'A page of facts is written, and how far it leads; the commit has not been sent.',
  'facts.after-page': 'The page is committed; nobody in this process has been told.',
  'delivery.before-ack': 'The end of a job is committed; the broker has not been told.',
} as const satisfies Readonly<Record<string, string>>

export type FailpointName = keyof typeof FAILPOINTS

export const isFailpoint = (name: string): name is FailpointName => Object.hasOwn(FAILPOINTS, name)

/**
 * Reads `name:hit[,name:hit …]`; a name alone means its first hit. Returns the hit, counted from 1, at which each fires.
 * Throws on a name that does not exist, for a failpoint that never fires proves nothing.
 */
export const parseFailpoints = (armed: string): ReadonlyMap<FailpointName, number> => {
  const hits = new Map<FailpointName, number>()
  for (const entry of armed.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', hit = '1'] = entry.trim().split(':')
    if (!isFailpoint(name))
      throw new Error(`there is no failpoint ${name}; known are ${Object.keys(FAILPOINTS).join(', ')}`)
    if (!/^[1-9]\d*$/.test(hit)) throw new Error(`failpoint ${name} must fire at a hit counted from 1, not at ${hit}`)
    hits.set(name, Number(hit))
  }
  return hits
}
