/** One broker: it is a controller too. */
export type Broker = {
  /** From 1. */
  readonly id: number
  /** Where clients connect. */
  readonly port: number
  readonly controller: number
  /** Where the brokers talk to each other, and tools to them, when clients have to log in. */
  readonly internal: number
  readonly dir: string
}

/** Of a cluster whose clients have to log in. */
export type Secrets = {
  /** PEM file with the certificate that signed the brokers'. */
  readonly ca: string
  /** PEM file with a broker's key and certificates. */
  readonly keystore: string
  /** May do everything. */
  readonly user: string
  readonly password: string
  /** May do nothing. */
  readonly stranger: string
  readonly strangerPassword: string
}

/** A broker's server.properties: three of them keep everything three times, one alone once. */
export const settingsOf = (brokers: readonly Broker[], broker: Broker, secrets: Secrets | undefined): string => {
  const replicas = brokers.length
  const inSync = replicas > 1 ? 2 : 1
  return [
    'process.roles=broker,controller',
    `node.id=${broker.id}`,
    `controller.quorum.voters=${brokers.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join()}`,
    'controller.listener.names=CONTROLLER',
    `log.dirs=${broker.dir}/data`,
    ...(secrets === undefined ? openListeners(broker) : guardedListeners(broker, secrets)),
    'num.network.threads=2',
    'num.io.threads=2',
    'log.cleaner.dedupe.buffer.size=4194304',
    'auto.create.topics.enable=false',
    `default.replication.factor=${replicas}`,
    `min.insync.replicas=${inSync}`,
    ...['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic'].flatMap((topic) => [
      `${topic}.num.partitions=3`,
      `${topic}.replication.factor=${replicas}`,
    ]),
    `transaction.state.log.min.isr=${inSync}`,
    `share.coordinator.state.topic.min.isr=${inSync}`,
    // Who dies is missed after seconds, not after the better part of a minute.
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=1000',
    'group.consumer.heartbeat.interval.ms=1000',
    'group.consumer.min.heartbeat.interval.ms=1000',
    'group.consumer.session.timeout.ms=6000',
    'group.consumer.min.session.timeout.ms=6000',
    'broker.session.timeout.ms=3000',
    'broker.heartbeat.interval.ms=500',
    // Of a controller that stands still.
    'controller.socket.timeout.ms=3000',
    // Retention by time takes effect soon: a topic may ask for segments of seconds.
    'log.retention.check.interval.ms=1000',
    'log.initial.task.delay.ms=1000',
    '',
  ].join('\n')
}

const openListeners = ({ port, controller }: Broker): readonly string[] => [
  `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
  'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'inter.broker.listener.name=PLAINTEXT',
]

/** Clients come by TLS and with a password; among themselves the brokers are nobody, and trusted. */
const guardedListeners = ({ port, controller, internal }: Broker, secrets: Secrets): readonly string[] => {
  const { keystore, user, password, stranger, strangerPassword } = secrets
  const security = 'org.apache.kafka.common.security'
  const users = `user_${user}="${password}" user_${stranger}="${strangerPassword}"`
  const clients = 'listener.name.clients'
  return [
    `listeners=CLIENTS://127.0.0.1:${port},INTERNAL://127.0.0.1:${internal},CONTROLLER://127.0.0.1:${controller}`,
    'listener.security.protocol.map=CLIENTS:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name=INTERNAL',
    `${clients}.ssl.keystore.type=PEM`,
    `${clients}.ssl.keystore.location=${keystore}`,
    `${clients}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256`,
    `${clients}.plain.sasl.jaas.config=${security}.plain.PlainLoginModule required ${users};`,
    `${clients}.scram-sha-256.sasl.jaas.config=${security}.scram.ScramLoginModule required;`,
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    `super.users=User:ANONYMOUS;User:${user}`,
  ]
}

/** What the format of a broker's folder must know of the users, as arguments. */
export const scramUsers = (secrets: Secrets | undefined): readonly string[] =>
  secrets === undefined
    ? []
    : [
        [secrets.user, secrets.password],
        [secrets.stranger, secrets.strangerPassword],
      ].flatMap(([name, password]) => ['--add-scram', `SCRAM-SHA-256=[name=${name},password=${password}]`])
