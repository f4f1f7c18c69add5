import process from 'node:process'

const frozen = new Set<number>()

/** Stops a process as a machine does that no longer gives it time: nothing of it moves, its connections stay open. */
export const freeze = (pid: number): Disposable => {
  process.kill(pid, 'SIGSTOP')
  // Whoever stays stopped can never be ended in peace.
  if (frozen.size === 0) process.once('exit', thawAll)
  frozen.add(pid)
  return { [Symbol.dispose]: () => thaw(pid) }
}

const thaw = (pid: number): void => {
  frozen.delete(pid)
  if (frozen.size === 0) process.off('exit', thawAll)
  try {
    process.kill(pid, 'SIGCONT')
  } catch (error) {
    // It has been killed meanwhile.
    if (Object(error).code !== 'ESRCH') throw error
  }
}

const thawAll = (): void => {
  for (const pid of frozen) thaw(pid)
}
