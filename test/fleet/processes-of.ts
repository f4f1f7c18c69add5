import { execFileSync } from 'node:child_process'

/** Processes that name the folder on their command line or have been started by one of those. */
export const processesOf = (folder: string): readonly string[] =>
  execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && !line.includes('ps -eo'))
