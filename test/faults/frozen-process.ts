import process from 'node:process'

/** Stops a process as a machine does that no longer gives it time: nothing of it moves, its connections stay open. */
export const freeze = (pid: number): Disposable => {
  process.kill(pid, 'SIGSTOP')
  return { [Symbol.dispose]: () => thaw(pid) }
}

/** It may have been killed meanwhile. */
const thaw = (pid: number): void => {
  try {
    process.kill(pid, 'SIGCONT')
  } catch (error) {
    if (Object(error).code !== 'ESRCH') throw error
  }
}
