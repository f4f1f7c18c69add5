import pg from 'pg'

export type Column = { readonly table: string; readonly column: string }

/** What every reservation of stock reads and writes. */
export const RESERVED_LINES: Column = { table: 'inventory.reservation', column: 'quantities' }

/** Gives a column another name, as an upgrade that went too far: what reads it fails until it is disposed of. */
export const renameColumn = async (url: string, { table, column }: Column): Promise<AsyncDisposable> => {
  const rename = async (from: string, to: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url, application_name: 'column renamer' })
    client.on('error', () => undefined)
    await client.connect()
    try {
      await client.query(`alter table ${table} rename column ${from} to ${to}`)
    } finally {
      await client.end()
    }
  }
  await rename(column, `${column}_gone`)
  return { [Symbol.asyncDispose]: () => rename(`${column}_gone`, column) }
}
