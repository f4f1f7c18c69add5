import { stripVTControlCharacters } from 'node:util'
import type { DestinationStream } from 'pino'

/** Turns JSON lines into `12:03:04.567 warn  order: what happened  field=value`. */
export const humanLines = (to: DestinationStream): DestinationStream => ({
  write: (line) => to.write(`${humanLine(line)}\n`),
})

const humanLine = (json: string): string => {
  const { time, level, msg, service, trace_id, ...fields }: Record<string, unknown> = JSON.parse(json)
  const who = service === undefined ? '' : `${text(service)}: `
  const stack = stackOf(fields['error'])
  const rest = Object.entries(fields)
    .filter(([, value]) => stackOf(value) === undefined)
    .map(([name, value]) => `  ${name}=${text(value)}`)
  const trace = trace_id === undefined ? '' : `  trace=${text(trace_id)}`
  const line = `${text(time).slice(11, 23)} ${text(level).padEnd(5)} ${who}${text(msg)}${rest.join('')}${trace}`
  return printable(line) + (stack === undefined ? '' : `\n${stack.split('\n').map(printable).join('\n')}`)
}

/** One line stays one line and moves no cursor, whatever a caller sent. */
const printable = (line: string): string => stripVTControlCharacters(line).replaceAll(/\p{Cc}/gu, ' ')

const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

const stackOf = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string'
    ? value.stack
    : undefined
