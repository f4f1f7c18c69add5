// For the command line: what is open, what happened, and another try.
export { listOpenSagas, retrySaga, showSaga } from '@kit/saga/watching/inspect'
export type { ListedSaga, ShownSaga } from '@kit/saga/watching/inspect'
export { diagram } from '@kit/saga/diagram'
export { purchaseSaga } from './purchase-saga.ts'
