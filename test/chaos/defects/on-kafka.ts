import type { Defect } from './defect.ts'

/** Mistakes about a log that is elsewhere. */
export const onKafka: Readonly<Record<string, Defect>> = {
  'takes as sent what the brokers have not confirmed': {
    changes: [
      {
        file: 'kit/log/kafka/relay.ts',
        from: 'await this.#write(',
        to: "void ((...records: Parameters<RelayOptions['write']>) => this.#write(...records).catch(() => undefined))(",
      },
    ],
    // Purchases hardly show it: what was asked and got no answer is asked again.
    caughtBy: {
      brokers: 1,
      kinds: ['killed-with-kafka'],
      purchases: 100,
      violation: /nothing lost: \S+ of \S+ has not come to Kafka/,
    },
  },
  'writes down for another relay what it has sent': {
    changes: [{ file: 'kafka/move-claimed.sql', from: 'and c.epoch = m.epoch', to: '' }],
    caughtBy: {
      test: 'kit/log/kafka/relay.test.ts',
      named: 'a relay that has lost its partitions meanwhile writes nothing down, and claims them anew',
    },
  },
  'takes what a superseded relay writes late': {
    changes: [{ file: 'kit/log/kafka/reading.ts', from: 'withWriter(reading.epochs, writer)', to: 'reading.epochs' }],
    caughtBy: {
      test: 'kit/log/kafka/source.test.ts',
      named: 'what a relay writes after another has taken over is passed over, by readers that begin later too',
    },
  },
  'forgets which relays it has met when it begins anew': {
    changes: [
      {
        file: 'kit/log/kafka/position.ts',
        from: '...[...epochs].map(([database, epoch]) => `${database}=${epoch}`)',
        to: '...[...epochs].slice(epochs.size).map(([database, epoch]) => `${database}=${epoch}`)',
      },
    ],
    caughtBy: {
      test: 'kit/log/kafka/position.test.ts',
      named: 'a position says the next offset, the topic that was read and the epochs that were met',
    },
  },
  'moves the checkpoint to where it fetches': {
    changes: [
      {
        file: 'kit/log/kafka/source.ts',
        from: 'offset: last.offset + 1n,',
        to: 'offset: this.#fetching.readings.get(placeOf(place))?.next ?? 0n,',
      },
    ],
    caughtBy: {
      test: 'kit/log/kafka/source.test.ts',
      named: 'the checkpoint goes to behind the last message that is handed out, whatever has been fetched beyond it',
    },
  },
}
