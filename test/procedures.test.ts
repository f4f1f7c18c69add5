// The check of procedures must be seen to fire: each difference is planted, and has to be found.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typesOf } from '../scripts/proto-types.ts'
import { brokenWire, wireOf } from '../scripts/proto-wire.ts'
import { readProto } from '../scripts/proto.ts'

const proto = `syntax = "proto3";
package argosy.shop.v1;

service Shop {
  rpc Quote(QuoteRequest) returns (QuoteResponse);
  rpc Ping(QuoteRequest) returns (QuoteRequest);
}

message QuoteRequest {
  repeated string ids = 1;
}

message QuoteResponse {
  repeated Quoted products = 1;
}

message Quoted {
  string id = 1;
  // Minor units.
  int64 price = 2;
  optional string note = 3;
}
`
const planted = (from: string, to: string): string => {
  assert.ok(proto.includes(from), from)
  return proto.replace(from, to)
}
const typed = (source: string): string => typesOf('shop', readProto(source))
const broken = (source: string): readonly string[] => brokenWire([readProto(source)], wireOf([readProto(proto)]))

const changes: readonly (readonly [what: string, from: string, to: string, broken: readonly string[]])[] = [
  ['a field with another name', 'int64 price', 'int64 amount', ['Quoted 2 price: int64']],
  ['a field of another type', 'int64 price', 'string price', ['Quoted 2 price: int64']],
  ['a list that is one', 'repeated string ids', 'string ids', ['QuoteRequest 1 ids: repeated string']],
  ['one that is a list', 'int64 price', 'repeated int64 price', ['Quoted 2 price: int64']],
  ['an optional field that is not', 'optional string note', 'string note', ['Quoted 3 note: optional string']],
  ['a field that may be absent now', 'string id =', 'optional string id =', ['Quoted 1 id: string']],
  ['a field that is gone', '  int64 price = 2;\n', '', ['Quoted 2 price: int64']],
  ['a method with another name', 'rpc Quote(', 'rpc Price(', ['Shop/Quote: QuoteRequest -> QuoteResponse']],
  ['another request', 'Quote(QuoteRequest)', 'Quote(Quoted)', ['Shop/Quote: QuoteRequest -> QuoteResponse']],
  ['another answer', '(QuoteResponse);', '(Quoted);', ['Shop/Quote: QuoteRequest -> QuoteResponse']],
  ['a new field', 'int64 price = 2;', 'int64 price = 2; string name = 4;', []],
  ['a field whose number is reserved', 'int64 price = 2;', 'reserved 2;', []],
]

for (const [what, from, to, lines] of changes) {
  test(`${what} makes other types, and is ${lines.length === 0 ? 'no' : 'a'} break with the last release`, () => {
    const changed = planted(from, to)
    assert.notEqual(typed(changed), typed(proto))
    assert.deepEqual(
      broken(changed),
      lines.map((line) => `argosy.shop.v1.${line}`),
    )
  })
}

test('a field with another number has the same type, and breaks with the last release', () => {
  const changed = planted('int64 price = 2', 'int64 price = 4')
  assert.equal(typed(changed), typed(proto))
  assert.deepEqual(broken(changed), ['argosy.shop.v1.Quoted 2 price: int64'])
})

test('the types say what kit/rpc reads from the wire', () => {
  assert.match(typed(proto), /readonly ids: readonly string\[\]\n/)
  assert.match(typed(proto), /\/\*\* Minor units\. \*\/\n {2}readonly price: number\n {2}readonly note\?: string\n/)
  assert.match(typed(proto), /Quote: procedure<QuoteRequest, QuoteResponse>/)
})

test('what no type is known for is refused by name', () => {
  for (const [from, to] of [
    ['int64 price', 'bytes price'],
    ['int64 price', 'map<string, string> price'],
    ['int64 price', 'Nothing price'],
    ['int64 price = 2;', 'oneof price { string euros = 2; }'],
    ['message QuoteRequest {', 'enum Kind { NONE = 0; }\nmessage QuoteRequest {'],
    ['message Quoted {', 'message Quoted { message Inner {}'],
    ['Quote(QuoteRequest)', 'Quote(stream QuoteRequest)'],
  ] as const)
    assert.throws(() => typed(planted(from, to)), /price|euros|messages and services|Quoted|Quote/, to)
})
