import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const repository = fileURLToPath(new URL('../../..', import.meta.url))

/** The commit of the release that the shop must be able to come from, and go back to. LAST_RELEASE tries another. */
export const lastRelease = (): string =>
  process.env['LAST_RELEASE'] ?? readFileSync(join(repository, 'test/cluster/last-release'), 'utf8').trim()

/** Why this copy of the repository cannot give that commit; undefined: it can. */
export const missing = async (commit: string): Promise<string | undefined> => {
  try {
    await git('cat-file', '-e', `${commit}^{commit}`)
    return undefined
  } catch {
    return `this repository has no commit ${commit} (test/cluster/last-release): a shallow clone? git fetch --unshallow`
  }
}

const git = (...args: readonly string[]) => run('git', ['-C', repository, ...args])

/** Lays the files of a commit out in `folder`, ready to run. */
export const checkOut = async (commit: string, folder: string): Promise<void> => {
  mkdirSync(folder, { recursive: true })
  const archive = join(dirname(folder), 'release.tar')
  await git('archive', '--output', archive, commit)
  await run('tar', ['-xf', archive, '-C', folder])
  rmSync(archive)
  const theirs = packagesOf(folder)
  const here = packagesOf(repository)
  if (
    theirs.every(
      ([path, { link, version }]) => link === true || here.find(([other]) => other === path)?.[1].version === version,
    )
  ) {
    return linkDependencies(theirs, folder)
  }
  await run('npm', ['ci', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
  })
}

type Package = {
  readonly version?: string
  readonly link?: boolean
  readonly resolved?: string
  readonly optional?: boolean
}

/** What a lock file wants below node_modules, by path. */
const packagesOf = (root: string): readonly (readonly [string, Package])[] => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Package>
  }
  return Object.entries(lock.packages).filter(([path]) => path.includes('node_modules/'))
}

/**
 * Packages of others are those of this repository, in the same versions; the release's own are those of its folder.
 * Node looks for what a package needs where it really lies. Takes 20 ms; a copy takes 9 s and `npm ci` 20 s.
 */
const linkDependencies = (packages: readonly (readonly [string, Package])[], folder: string): void => {
  for (const [path, { link, resolved = '' }] of packages) {
    const target = link === true ? join(folder, resolved) : join(repository, path)
    // What is nested comes with the package that it lies in; what other platforms need is nowhere.
    if (path.lastIndexOf('node_modules/') > 0 || !existsSync(target)) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    symlinkSync(target, join(folder, path))
  }
}
