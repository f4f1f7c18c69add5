import type { Options } from 'amqplib'

const FORM = /^(amqps?):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?]+)(?:\/([^?]*))?$/

/** What amqplib needs to reach one node. */
export type Address = Options.Connect & { readonly hostname: string; readonly port: number }

/** Seconds. A node that has said nothing for twice as long is held to be gone. */
const HEARTBEAT = 10

/**
 * The nodes of `amqp://user:password@one:5672,two,[::1]:5673/vhost`. The user is guest, the vhost `/` and the port 5672 (amqps: 5671)
 * when absent. Throws when the URL has another form.
 */
export const brokersAt = (url: string): readonly Address[] => {
  const [, protocol, user, password, hosts, vhost] = FORM.exec(url) ?? []
  if (protocol === undefined || hosts === undefined) {
    throw new Error('the queue URL must be amqp://user:password@host:5672,host/vhost')
  }
  return hosts.split(',').map((host) => {
    const [, name, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(host.trim()) ?? []
    if (name === undefined) throw new Error(`the queue URL names a host as ${host}; it must be name:port`)
    return {
      protocol,
      hostname: name.replace(/^\[|\]$/g, ''),
      port: port === undefined ? (protocol === 'amqps' ? 5671 : 5672) : Number(port),
      username: decodeURIComponent(user ?? 'guest'),
      password: decodeURIComponent(password ?? 'guest'),
      vhost: decodeURIComponent(vhost === undefined || vhost === '' ? '/' : vhost),
      heartbeat: HEARTBEAT,
    }
  })
}
