import { Transform } from 'node:stream'
import type { TransformCallback } from 'node:stream'

/** Headers that programs read: some of those take what stands on the header's own line only. */
const FOLDED = /^(Message-ID|List-Unsubscribe):\r?\n[ \t]+/gim
const END = /\r?\n\r?\n/

type Written = { readonly message: { readonly transform: (transform: () => Transform) => void } }

/**
 * For `use('stream', …)`: nodemailer breaks every line that is longer than 76 characters, right behind the colon too. RFC 5322, 2.2.3
 * allows it, and 998 characters; that a Message-ID is looked for on the next line cannot be relied upon.
 */
export const keepIdsOnOneLine = ({ message }: Written, done: () => void): void => {
  message.transform(() => new HeadsUnfolded())
  done()
}

/** Changes the head of a message, however it is cut into chunks, and hands the rest on. */
class HeadsUnfolded extends Transform {
  #head: string | undefined = ''

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    if (this.#head === undefined) return done(null, chunk)
    // Byte by byte, whatever they are.
    this.#head += chunk.toString('latin1')
    const end = END.exec(this.#head)?.index
    if (end === undefined) return done()
    const whole = this.#head.slice(0, end).replaceAll(FOLDED, '$1: ') + this.#head.slice(end)
    this.#head = undefined
    done(null, Buffer.from(whole, 'latin1'))
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#head === undefined ? undefined : Buffer.from(this.#head, 'latin1'))
  }
}
