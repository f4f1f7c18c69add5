import { execFile } from 'node:child_process'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { promisify } from 'node:util'
import type { Check, Finding } from './check.ts'

const MEBIBYTE = 2 ** 20
const ENOUGH_MEMORY = 512 * MEBIBYTE
const ENOUGH_FILES = 1024

/** The Node that runs this, memory, cores, open files. */
export const checkMachine: Check = async () => [node(), memory(), ...(await openFiles())]

const node = (): Finding => {
  const { node: version } = process.versions
  const name = 'node'
  if (Number(version.split('.')[0]) >= 24) return { name, verdict: 'ok', found: `Node ${version}` }
  return { name, verdict: 'broken', found: `Node ${version} is too old`, fix: 'npm ci (it brings Node 24)' }
}

const memory = (): Finding => {
  const found = `${availableParallelism()} cores, ${mebibytes(freemem())} of ${mebibytes(totalmem())} free`
  if (totalmem() >= ENOUGH_MEMORY) return { name: 'machine', verdict: 'ok', found }
  return { name: 'machine', verdict: 'warning', found, fix: 'give it at least 512 MiB' }
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / MEBIBYTE)} MiB`

/** Every connection is an open file. Node has no call for the limit; the shell has. */
const openFiles = async (): Promise<readonly Finding[]> => {
  const limit = await promisify(execFile)('/bin/sh', ['-c', 'ulimit -n']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )
  if (limit === undefined) return []
  const name = 'open files'
  if (limit === 'unlimited' || Number(limit) >= ENOUGH_FILES)
    return [{ name, verdict: 'ok', found: `${limit} allowed` }]
  return [{ name, verdict: 'warning', found: `only ${limit} allowed`, fix: `ulimit -n ${ENOUGH_FILES}` }]
}
