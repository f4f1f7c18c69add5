import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync, appendFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** A file system of its own, in memory, that can be filled without harm to the machine. */
export type SmallDisk = Disposable & {
  readonly dir: string
  /** Takes all the space that is left, until disposed of. */
  readonly fill: () => Disposable
}

/** Why this machine can have none; undefined when it can. */
export const noSmallDisk = (): string | undefined => {
  if (process.platform !== 'linux') return 'tmpfs is Linux only'
  if (process.getuid?.() !== 0) return 'only root can mount a tmpfs'
  const place = mkdtempSync(join(tmpdir(), 'argosy-mount-'))
  try {
    mountSmallDisk(place, 1)[Symbol.dispose]()
    return undefined
  } catch (error) {
    // A container may have a root that may not mount.
    return String(error)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

export const mountSmallDisk = (dir: string, megabytes: number): SmallDisk => {
  mkdirSync(dir, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', dir])
  const ballast = join(dir, 'ballast')
  return {
    dir,
    fill: () => {
      fillUp(dir, ballast)
      return { [Symbol.dispose]: () => rmSync(ballast, { force: true }) }
    },
    // Lazily: whoever still works there may be on the way out.
    [Symbol.dispose]: () => void execFileSync('umount', ['-l', dir]),
  }
}

const BLOCK = 1024 * 1024

const fillUp = (dir: string, ballast: string): void => {
  writeFileSync(ballast, '')
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(dir)
      if (bavail === 0) return
      appendFileSync(ballast, Buffer.alloc(Math.min(BLOCK, bavail * bsize)))
    }
  } catch (error) {
    if (Object(error).code !== 'ENOSPC') throw error
  }
}
