import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Secrets } from './kafka-settings.ts'

const run = promisify(execFile)

/** A certificate authority of the cluster's own, the brokers' certificate, and two users. */
export const makeSecrets = async (dir: string): Promise<Secrets> => {
  mkdirSync(dir, { recursive: true })
  const at = (name: string): string => join(dir, name)
  const certificate = (name: string, ...more: readonly string[]) => {
    const made = [
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.pem`),
      '-days',
      '2',
      '-nodes',
      '-newkey',
      'rsa:2048',
    ]
    return run('openssl', ['req', '-x509', '-batch', '-subj', `/CN=${name}`, ...made, ...more])
  }
  await certificate('authority')
  const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost'
  const signed = ['-CA', at('authority.pem'), '-CAkey', at('authority.key')]
  await certificate('broker', ...signed, '-addext', names, '-addext', 'basicConstraints=critical,CA:FALSE')
  const keystore = at('keystore.pem')
  writeFileSync(
    keystore,
    ['broker.key', 'broker.pem', 'authority.pem'].map((name) => readFileSync(at(name), 'utf8')).join(''),
  )
  return {
    ca: at('authority.pem'),
    keystore,
    user: 'argosy',
    password: 'a-password-of-its-own',
    stranger: 'stranger',
    strangerPassword: 'another-password',
  }
}
