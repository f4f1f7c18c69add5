import type { Defect } from './defect.ts'

/** Mistakes about money and orders that come after the click. */
export const payingLater: Readonly<Record<string, Defect>> = {
  'keeps the money that a customer has sent twice': {
    changes: [
      {
        file: 'services/payment/decide-all.ts',
        from: 'if (release !== undefined)',
        to: 'if (release !== undefined && outgoing.length < 0)',
      },
    ],
    caughtBy: { violation: /money: purchase \S+ is \w+, \d+ is still held on the card/ },
  },
  'never ends an order that nobody pays': {
    changes: [
      {
        file: 'services/order/watch-payment/worker.ts',
        from: 'looks.filter(({ due }) => due.expired)',
        to: 'looks.filter(({ due }) => due.expired && looks.length < 0)',
      },
    ],
    caughtBy: { violation: /one end: purchase \S+ still waits for its money/ },
  },
  'refunds anew at every repetition': {
    changes: [
      {
        file: 'services/order/refund-order/route.ts',
        from: 'const refund_id = idFromKey(id, caller.id, key)',
        to: 'const refund_id = crypto.randomUUID()',
      },
    ],
    // One in thirty purchases is given back in part.
    caughtBy: { violation: /money: \d+ was given back of \S+, asked was /, purchases: 150 },
  },
  'watches a payment with two timers and mails each reminder': {
    changes: [
      {
        file: 'services/order/advance-order/handle.ts',
        from: '? [lookAfter(due.next,',
        to: '? [1, 2].map(() => lookAfter(due.next,',
      },
      {
        file: 'services/order/advance-order/handle.ts',
        from: 'since: now.toISOString(), reminded: 0 })]',
        to: 'since: now.toISOString(), reminded: 0 }))',
      },
      {
        file: 'services/mail/letter.ts',
        from: 'return `${letter.template}/${letter.purchase_id}/${letter.number}`',
        to: 'return `${letter.template}/${letter.purchase_id}/${letter.number}/${crypto.randomUUID()}`',
      },
    ],
    caughtBy: { violation: /mail: purchase \S+ was written to twice: .*payment-reminder / },
  },
}
