/** A resource that says what it is closing at the moment. */
type Telling = { readonly closing?: string | undefined }

/**
 * What is open, by name. Closes what was opened last first, and says what it is closing: somebody may have to name what
 * hangs.
 */
export class Closing implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack()
  #current: { readonly name: string; readonly resource: Telling } | undefined

  /**
   * Takes over a resource; nothing at all is fine, too. Returns it. Once all is closed, or being closed, a latecomer is closed at
   * once, and this throws.
   */
  use<T extends AsyncDisposable | Disposable | undefined>(name: string, resource: T): T {
    if (resource === undefined) return resource
    if (this.#stack.disposed) {
      void close(resource).catch(() => undefined)
      throw new Error(`${name} came when all was being closed`)
    }
    this.#stack.defer(async () => {
      this.#current = { name, resource: resource as Telling }
      await close(resource)
    })
    return resource
  }

  /** `service order: reader`, while that is being closed. */
  get closing(): string | undefined {
    if (this.#current === undefined) return undefined
    const { name, resource } = this.#current
    return resource.closing === undefined ? name : `${name}: ${resource.closing}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
    this.#current = undefined
  }
}

const close = async (resource: AsyncDisposable | Disposable): Promise<void> => {
  if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]()
  else resource[Symbol.dispose]()
}
