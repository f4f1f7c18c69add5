// Just as much of POSIX ustar as a data folder of PostgreSQL needs: files and folders with short names, written and read as a stream.
import { posix } from 'node:path'

const BLOCK = 512
const NAME = 100

/** What an archive holds of one file or folder. */
export type Entry = { readonly path: string; readonly size: number; readonly mtime: number; readonly isFolder: boolean }

/** An entry as it is read; its content is consumed before the next one. */
export type ReadEntry = Entry & { readonly content: AsyncIterable<Buffer> }

/** The archive ends before its end, or is none. */
export class NoArchive extends Error {
  override readonly name = 'NoArchive'
}

export const headerOf = ({ path, size, mtime, isFolder }: Entry): Buffer => {
  const name = isFolder ? `${path}/` : path
  if (Buffer.byteLength(name) > NAME) throw new Error(`the name of ${path} is too long for the archive`)
  const header = Buffer.alloc(BLOCK)
  const put = (text: string, at: number): void => void header.write(text, at, 'utf8')
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
  put(name, 0)
  put(isFolder ? '0000700' : '0000600', NAME)
  put('0000000', 108)
  put('0000000', 116)
  put(octal(size, 11), 124)
  put(octal(Math.floor(mtime / 1_000), 11), 136)
  put(isFolder ? '5' : '0', 156)
  put('ustar\u000000', 257)
  put(`${octal(sumOf(header), 6)}\0 `, CHECKSUM)
  return header
}

/** What follows a content of so many bytes. */
export const paddingOf = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)

/** What an archive ends with. */
export const TAIL = Buffer.alloc(2 * BLOCK)

const CHECKSUM = 148

/** The sum of all bytes, those of the sum itself counted as blanks. */
const sumOf = (header: Buffer): number => {
  const own = header.subarray(CHECKSUM, CHECKSUM + 8).reduce((sum, byte) => sum + byte, 0)
  return header.reduce((sum, byte) => sum + byte, 0) - own + 8 * 32
}

/** Reads an archive entry by entry. Throws NoArchive. */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<ReadEntry> {
  const bytes = new Bytes(source)
  for (;;) {
    const header = await bytes.take(BLOCK)
    if (header.every((byte) => byte === 0)) break
    const entry = entryOf(header)
    const content = bytes.pieces(entry.size)
    yield { ...entry, content }
    // Whoever has not read all of it skips the rest.
    for await (const _ of content);
    await bytes.take(paddingOf(entry.size).length)
  }
  await bytes.take(BLOCK)
  // To the very end: only there the compression's own checksum is looked at.
  await bytes.drain()
}

const entryOf = (header: Buffer): Entry => {
  const text = (at: number, length: number): string => header.toString('utf8', at, at + length).replace(/\0[^]*$/, '')
  const number = (at: number): number => Number.parseInt(text(at, 12).trim(), 8)
  const stated = Number.parseInt(text(CHECKSUM, 8).trim(), 8)
  if (text(257, 6) !== 'ustar' || stated !== sumOf(header)) throw new NoArchive('it is no archive')
  const type = text(156, 1)
  const path = text(0, NAME).replace(/\/$/, '')
  const size = number(124)
  if ((type !== '0' && type !== '5') || !isInside(path) || !Number.isSafeInteger(size))
    throw new NoArchive(`it holds what no backup does (${path})`)
  return { path, size, mtime: number(136) * 1_000, isFolder: type === '5' }
}

/** A name that leads out of the folder, or that no data folder has, is not followed. */
const isInside = (path: string): boolean =>
  /^[\w.-]+(?:\/[\w.-]+)*$/.test(path) && posix.normalize(path) === path && !path.startsWith('..') && path !== '.'

/** The bytes of a stream, taken as they are needed. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async take(size: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    for await (const piece of this.pieces(size)) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  /** Can be iterated again for what has not been read yet. */
  pieces(size: number): AsyncIterable<Buffer> {
    let left = size
    const next = async (): Promise<IteratorResult<Buffer>> => {
      if (left === 0) return { done: true, value: undefined }
      const piece = await this.#next(left)
      left -= piece.length
      return { done: false, value: piece }
    }
    return { [Symbol.asyncIterator]: () => ({ next }) }
  }

  async drain(): Promise<void> {
    while ((await this.#source.next()).done !== true);
  }

  async #next(most: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#source.next()
      if (done === true) throw new NoArchive('it ends too early')
      this.#rest = value
    }
    const piece = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(piece.length)
    return piece
  }
}
