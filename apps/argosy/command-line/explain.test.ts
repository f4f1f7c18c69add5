import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain } from './explain.ts'
import { Stop } from './exit-code.ts'

test('a stop says what is wrong and what to do in one line, with its own exit code', () => {
  const stop = new Stop('port 8080\nis taken', { fix: 'PORT=8081 argosy start', exitCode: 2 })
  assert.deepEqual(explain(stop), { line: 'port 8080 is taken. Fix: PORT=8081 argosy start', also: [], code: 2 })
})

test('a server that is not there is explained', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5'), { code: 'ECONNREFUSED' })
  const { line, code } = explain(new AggregateError([refused]))
  assert.match(line, /^connect ECONNREFUSED 127\.0\.0\.1:5\. Fix: start the server/)
  assert.equal(code, 1)
})

test('an unknown option is wrong usage', () => {
  const error = Object.assign(new Error("Unknown option '--x'. To specify a positional argument, use --"), {
    code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION',
  })
  assert.deepEqual(explain(error), { line: "Unknown option '--x'. Fix: the same with --help", also: [], code: 2 })
})
