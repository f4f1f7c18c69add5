// The list of what a backup holds, in the format of PostgreSQL's own backup_manifest.
import { createHash } from 'node:crypto'

export const MANIFEST = 'backup_manifest'

/** A file as it was written into the archive; its checksum is SHA-256, in hex. */
export type Listed = { readonly path: string; readonly size: number; readonly mtime: number; readonly checksum: string }

export type Contents = {
  readonly system: string
  readonly files: readonly Listed[]
  readonly wal: { readonly timeline: number; readonly start: string; readonly end: string }
}

export const manifestOf = ({ system, files, wal }: Contents): string => {
  const lines = files.map(({ path, size, mtime, checksum }) => {
    const modified = `${new Date(mtime).toISOString().slice(0, 19).replace('T', ' ')} GMT`
    return `{ "Path": ${JSON.stringify(path)}, "Size": ${size}, "Last-Modified": "${modified}", "Checksum-Algorithm": "SHA256", "Checksum": "${checksum}" }`
  })
  const body = [
    '{ "PostgreSQL-Backup-Manifest-Version": 2,',
    `"System-Identifier": ${system},`,
    `"Files": [\n${lines.join(',\n')}\n],`,
    `"WAL-Ranges": [\n{ "Timeline": ${wal.timeline}, "Start-LSN": "${wal.start}", "End-LSN": "${wal.end}" }\n],\n`,
  ].join('\n')
  return `${body}"Manifest-Checksum": "${sha256(body)}"}\n`
}

/** What a manifest lists; undefined when it is none, or not as it was written. */
export const readManifest = (text: string): readonly Listed[] | undefined => {
  const end = text.lastIndexOf('"Manifest-Checksum"')
  if (end === -1) return undefined
  try {
    const read = JSON.parse(text) as { readonly Files: readonly Line[]; readonly 'Manifest-Checksum': string }
    if (read['Manifest-Checksum'] !== sha256(text.slice(0, end))) return undefined
    return read.Files.map((line) => ({
      path: line.Path,
      size: line.Size,
      mtime: Date.parse(line['Last-Modified']),
      checksum: line.Checksum,
    }))
  } catch {
    return undefined
  }
}

type Line = {
  readonly Path: string
  readonly Size: number
  readonly 'Last-Modified': string
  readonly Checksum: string
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
