/**
 * Calls `act` after `ms`, unless disposed of before. A process that was frozen or very busy first reads what has come
 * meanwhile: its timers are late, and so would be its judgement of others.
 */
export const after = (ms: number, act: () => void): Disposable => {
  let soon: NodeJS.Immediate | undefined
  const timer = setTimeout(() => {
    soon = setImmediate(act)
  }, ms)
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      clearImmediate(soon)
    },
  }
}
