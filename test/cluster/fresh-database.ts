import { openClient } from '@kit/postgres/connection/client'

/** A new, empty database on the server at `url`, and its own URL. */
export const freshDatabase = async (url: string, name: string): Promise<string> => {
  await using client = await openClient({ url, name: 'fresh database' })
  await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
  await client.query(`create database ${client.escapeIdentifier(name)}`)
  const own = new URL(url)
  own.pathname = `/${name}`
  return own.href
}
