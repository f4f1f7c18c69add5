import type { Defect } from './defect.ts'
import { onKafka } from './on-kafka.ts'
import { payingLater } from './paying-later.ts'

const reservation = 'services/inventory/domain/reservation.ts'
const worker = 'services/payment/call-provider/worker.ts'

export const defects: Readonly<Record<string, Defect>> = {
  ...payingLater,
  ...onKafka,
  'sells what is not there': {
    changes: [
      { file: reservation, from: 'available(stock) < quantity', to: 'available(stock) < -1_000_000' },
      {
        file: 'inventory/migrations/0001-stock.sql',
        from: 'check (reserved >= 0 and on_hand >= reserved)',
        to: 'check (true)',
      },
      { file: 'inventory/migrations/0001-stock.sql', from: 'check (on_hand >= 0)', to: 'check (true)' },
    ],
    caughtBy: { violation: /stock: \S+ has -\d+/ },
  },
  'retries a payment with a new idempotency key': {
    changes: [
      {
        file: worker,
        from: 'const call = callOf(asked)',
        to: 'const call = { ...callOf(asked), key: crypto.randomUUID() }',
      },
      { file: worker, from: 'const outcome = await find(call)', to: 'const outcome: Outcome | undefined = undefined' },
    ],
    caughtBy: { violation: /money: .+ is still held on the card/ },
  },
  'tells the failure before its undos are done': {
    changes: [
      {
        file: 'kit/saga/advance.ts',
        from: 'return askUndo(step.undo, data,',
        to: `if ((0 as number) === 0) return { ...end({ phase: 'failed', failure }, saga.failed(data, failure), history,
               failure.step, failure.outcome, at), send: [...saga.steps.slice(0, i + 1).reverse().flatMap((one) =>
               'coveredBy' in one.undo ? [] : [one.undo.ask.of(data, failure)]), ...saga.failed(data, failure)] }
             return askUndo(step.undo, data,`,
      },
    ],
    caughtBy: { violation: /one end: .+ of \S+, which had ended/ },
  },
  'voids every authorization twice': {
    changes: [
      {
        file: 'services/payment/decide-all.ts',
        from: 'if (call !== undefined) outgoing.push(intentOf(id, call, payment))',
        to: `if (call !== undefined) outgoing.push(intentOf(id, call, payment))
             if (call === 'void') outgoing.push(intentOf(id, call, payment))`,
      },
      {
        file: 'services/payment/provider-job.ts',
        from: 'return `${purchase_id}/${operation}`',
        to: "return `${purchase_id}/${operation}${operation === 'void' ? crypto.randomUUID() : ''}`",
      },
      {
        file: 'sandbox/migrations/0001-ledger.sql',
        from: 'primary key (authorization_id, slot)',
        to: 'primary key (authorization_id, slot, key)',
      },
      {
        file: 'sandbox/insert-entries.sql',
        from: 'on conflict (authorization_id, slot) do nothing',
        to: 'on conflict do nothing',
      },
    ],
    caughtBy: { violation: /money: purchase \S+ has 2 entries "voided/ },
  },
  'releases stock whatever its state': {
    changes: [
      {
        file: reservation,
        from: "    case 'released':\n    case 'refused':\n  }\n  return StockReleased",
        to: `    case 'released':
      for (const line of known.lines) books.release(line)
      books.keep({ ...known })
      break
    case 'refused':
  }
  return StockReleased`,
      },
      {
        file: 'inventory/migrations/0001-stock.sql',
        from: 'check (reserved >= 0 and on_hand >= reserved)',
        to: 'check (true)',
      },
      {
        file: 'services/inventory/reserve-stock/lock-stock-for.sql',
        from: "state = 'reserved'",
        to: "state <> 'refused'",
      },
    ],
    caughtBy: { under: 'twice', violation: /stock: -\d+ units of \S+ are reserved for nobody/ },
  },
  'sends a letter as often as it is told': {
    changes: [
      { file: 'mail/address-letters.ts', from: '{ dedupe: dedupeKey(letter) }', to: '{}' },
      {
        file: 'mail/address-letters.ts',
        from: 'import { dedupeKey, SendLetter }',
        to: 'import { SendLetter }',
      },
      {
        file: 'mail/migrations/0001-mail.sql',
        from: 'text not null constraint message_is_kept_once unique',
        to: 'text not null',
      },
      { file: 'mail/mailer/insert-messages.sql', from: 'on conflict (dedupe_key) do nothing', to: '' },
    ],
    caughtBy: { under: 'twice', violation: /mail: purchase \S+ is completed, its letters are purchase-completed, / },
  },
  'takes a reply in any phase': {
    changes: [
      {
        file: 'kit/saga/advance.ts',
        from: 'if (input.type === step.done.type) return',
        to: 'if (saga.steps.some(({ done }) => done.type === input.type)) return',
      },
    ],
    caughtBy: { under: 'twice', violation: /^(money|stock|one end|liveness): / },
  },
  'publishes before the commit': {
    changes: [
      {
        file: 'kit/messaging/transact.ts',
        from: 'send(tx, outgoing, causeOf)',
        to: `await db.transaction((other) => send(other, outgoing, causeOf))
             const buys = outgoing.some(({ type }) => type === 'inventory.reserve-stock.v1')
             if (process.env['ARGOSY_FAILPOINTS'] !== undefined && buys && ++published > 1) process.kill(process.pid, 'SIGKILL')`,
      },
      {
        file: 'kit/messaging/transact.ts',
        from: 'export const openTransact =',
        to: 'let published = 0\nexport const openTransact =',
      },
    ],
    caughtBy: { failpoints: ['job.after-commit'], violation: /nothing unasked: .+ has no purchase/ },
  },
  'answers before it is durable': {
    changes: [
      {
        file: 'services/purchase/request-purchase/route.ts',
        from: 'await accept({ purchase, at, idempotency, cause: asked.cause }, { signal: asked.closed })',
        to: 'setTimeout(() => void accept({ purchase, at, idempotency, cause: asked.cause }).catch(() => undefined), 400)',
      },
    ],
    caughtBy: { kills: 1, violation: /nothing lost: / },
  },
  'moves checkpoints without comparing': {
    changes: [
      {
        file: 'migrations/0004-other-logs.sql',
        from: 'and c.position = m.from_position',
        to: '',
      },
    ],
    caughtBy: {
      test: 'kit/messaging/reader.test.ts',
      named: 'two readers that both think they own a partition write its effects once',
    },
  },
  'takes the order of a sequence for the order of commits': {
    changes: [
      {
        file: 'kit/log/postgres/source.ts',
        from: 'views.map(({ gaps }) => `{${gaps.join()}}`)',
        to: "views.map(() => '{}')",
      },
    ],
    caughtBy: {
      test: 'kit/log/postgres/source.test.ts',
      named:
        'what is committed is read at once, whatever older transactions do, and what they commit later is not missed',
    },
  },
  'reads stock without locking it': {
    changes: [{ file: 'services/inventory/reserve-stock/lock-stock-for.sql', from: '   for no key update', to: '' }],
    caughtBy: {
      test: 'services/inventory/reserve-stock/reserve-stock.test.ts',
      named: 'instances that decide at the same time neither oversell nor lock each other out',
    },
  },
  'passes over a message that fails': {
    changes: [
      {
        file: 'kit/messaging/handle-read.ts',
        from: 'park(tx, batch.deliveries, all)',
        to: 'if (all.size < 0) park(tx, batch.deliveries, all)',
      },
    ],
    caughtBy: {
      test: 'kit/messaging/reader.test.ts',
      named:
        'poison is parked, later messages of its key wait behind it, other keys go on, and a replay heals all in order',
    },
  },
  'trusts a job whose lease was taken over': {
    changes: [
      {
        file: 'kit/jobs/conclude.ts',
        from: 'void tx.query(endJobs, [done.map(({ job }) => job.id), done.map(({ job }) => job.attempt)])',
        to: `const tries = [done.map(({ job }) => job.id), done.map(({ job }) => job.attempt)]
             await tx.savepoint(() => tx.query(endJobs, tries)).catch(() => undefined)`,
      },
    ],
    caughtBy: { test: 'kit/jobs/runner.test.ts', named: 'a try whose lease was taken over says nothing' },
  },
}
