import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again until `held` says yes. Throws what was waited for when it does not within `patience` ms. */
export const eventually = async (
  what: string,
  held: () => boolean | Promise<boolean>,
  patience = 60_000,
): Promise<void> => {
  const until = performance.now() + patience
  while (!(await held())) {
    if (performance.now() > until) throw new Error(`waited ${patience} ms in vain: ${what}`)
    await sleep(100)
  }
}
