import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { BaseOptions } from '@platformatic/kafka'
import { Misfit } from './errors.ts'

/** How Kafka is reached, and what our topics and groups are called there. */
export type Address = {
  readonly client: Pick<BaseOptions, 'bootstrapBrokers' | 'tls' | 'sasl'>
  /** With the prefix that keeps shops on one cluster apart. */
  readonly named: (name: string) => string
}

/** Files of a TLS connection, as PEM: who signs the brokers' certificates, and the client's own certificate and key. */
export type Certificates = {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export const KAFKA_URL =
  /^kafkas?:\/\/(?:([^:@/]*):([^@/]*)@)?([^@/?]+)(?:\/([\w.-]*))?(?:\?sasl=(plain|scram-sha-256|scram-sha-512))?$/
const FORM = 'kafka://host:9092,host/prefix or kafkas://user:password@host:9093,host/prefix?sasl=scram-sha-512'

/**
 * Brokers, encryption (`kafkas:`), user and prefix of a URL. The port is 9092 (kafkas: 9093) and the mechanism SCRAM-SHA-512
 * when absent. Throws when the URL has another form, or a file cannot be used.
 */
export const addressOf = (url: string, certificates: Certificates = {}): Address => {
  const [, user, password, hosts, prefix = '', mechanism = 'scram-sha-512'] = KAFKA_URL.exec(url) ?? []
  if (hosts === undefined) throw new Error(`the log's URL must be like ${FORM}`)
  const encrypted = url.startsWith('kafkas:')
  const client: Address['client'] = {
    bootstrapBrokers: hosts.split(',').map((host) => {
      const [, name, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(host.trim()) ?? []
      if (name === undefined) throw new Error(`the log's URL names a broker as ${host}; it must be host:port`)
      return { host: name.replace(/^\[|\]$/g, ''), port: port === undefined ? (encrypted ? 9093 : 9092) : Number(port) }
    }),
    ...(encrypted && { tls: encryptionBy(certificates) }),
    ...(user !== undefined && {
      sasl: {
        mechanism: mechanism.toUpperCase() as 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
        username: decodeURIComponent(user),
        password: decodeURIComponent(password ?? ''),
      },
    }),
  }
  return { client, named: (name) => (prefix === '' ? name : `${prefix}.${name}`) }
}

const encryptionBy = ({ ca, cert, key }: Certificates): NonNullable<Address['client']['tls']> => {
  const tls = {
    ...(ca !== undefined && { ca: certificateIn('LOG_CA', ca) }),
    ...(cert !== undefined && { cert: certificateIn('LOG_CERT', cert) }),
    ...(key !== undefined && { key: contentOf('LOG_KEY', key) }),
  }
  try {
    createSecureContext(tls)
    return tls
  } catch (error) {
    throw new Misfit(
      `what LOG_CA, LOG_CERT and LOG_KEY name cannot be used (${error instanceof Error ? error.message : String(error)})`,
      'name the key of the certificate, and files (PEM) that are whole',
      error,
    )
  }
}

/** For OpenSSL a file without a certificate counts as none. */
const certificateIn = (variable: string, file: string): Buffer => {
  const content = contentOf(variable, file)
  if (content.includes('-----BEGIN CERTIFICATE-----')) return content
  throw new Misfit(`${variable}: there is no certificate in ${file}`, 'name a file (PEM) with one')
}

const contentOf = (variable: string, file: string): Buffer => {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new Misfit(`${variable}: the file ${file} cannot be read (${Object(error).code})`, 'name one that can', error)
  }
}
