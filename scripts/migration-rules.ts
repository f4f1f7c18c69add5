// What a migration must not do while the last release runs on the same schema, as patterns over its statements. They
// know no SQL, and what they cannot see (a value that the last release does not know) a test must. judge-migrations.ts
// applies them.

export type Rule = {
  readonly name: string
  /** Of an existing table only: one that a new file makes is nobody's yet. */
  readonly onExisting?: boolean
  readonly pattern: RegExp
  readonly why: string
}

/** No reason excuses these: the file would not do what it says. */
export const FORM: readonly Rule[] = [
  {
    name: 'own-transaction',
    pattern: /^(begin|start transaction|commit|end|rollback|abort|savepoint|release)\b/,
    why: 'the runner opens and ends the transaction; with its own end a file is applied by halves',
  },
  {
    name: 'own-settings',
    pattern: /^(re)?set (session |local )?(lock_timeout|statement_timeout|role|search_path|session authorization)\b/,
    why: 'the runner sets role, path and limits',
  },
]

const N1 = 'the last release still'
/** Of a statement, or of one action of an `alter table`. */
export const LAST_RELEASE: readonly Rule[] = [
  {
    name: 'no-drop',
    pattern: /^drop (table|view|materialized view|schema|type|domain|sequence|function|procedure|trigger|owned)\b/,
    why: `${N1} uses what is dropped; drop it one release later`,
  },
  {
    name: 'no-drop',
    onExisting: true,
    pattern:
      /^alter table .* drop (column )?(if exists )?(?!(constraint|default|not|identity|expression|column|if)\b)["\w]+/,
    why: `${N1} reads and writes the column; drop it one release later`,
  },
  {
    name: 'no-rename',
    pattern: /^alter .*\b(rename|set schema)\b/,
    why: `${N1} uses the old name; add the new beside it (constraints too: code maps their names to refusals)`,
  },
  {
    name: 'no-required-column',
    onExisting: true,
    pattern: /\badd (column )?(?!constraint\b|check\b)(?!.*\bdefault\b).*\bnot null\b/,
    why: `${N1} inserts rows without it: give it a default, or leave it null for now`,
  },
  {
    name: 'no-required-column',
    onExisting: true,
    pattern: /\b(set not null|drop default)\b/,
    why: `${N1} inserts rows without it, and all rows are read under an exclusive lock`,
  },
  {
    name: 'no-type-change',
    onExisting: true,
    pattern: /\balter (column )?["\w]+ (set data )?type\b/,
    why: `the table is rewritten under an exclusive lock, and ${N1} expects the old type`,
  },
  {
    name: 'no-rewrite',
    onExisting: true,
    pattern:
      /\badd .*\b(default .*\b(random|\w*uuid\w*|nextval|clock_timestamp|timeofday)\b|generated (always|by default)|(big|small)?serial)\b|\bset (unlogged|logged|tablespace|access method)\b/,
    why: 'the table is rewritten under an exclusive lock: add the column empty, fill it by a procedure that commits',
  },
  {
    name: 'index-concurrently',
    onExisting: true,
    pattern: /^create (unique )?index (?!concurrently\b)/,
    why: 'nobody can write while it is built: "create index concurrently", alone in a file "-- outside a transaction"',
  },
  {
    name: 'index-concurrently',
    pattern: /^(drop index (?!concurrently\b)|reindex\b(?!.*\bconcurrently\b)|cluster\b|vacuum full\b)/,
    why: 'nobody can read meanwhile: "drop index concurrently if exists", alone in a file "-- outside a transaction"',
  },
  {
    name: 'constraint-not-valid',
    onExisting: true,
    pattern: /\badd (constraint ["\w]+ )?(check|foreign key)\b(?!.*\bnot valid\b)/,
    why: 'all rows are read under an exclusive lock: "not valid", and "validate constraint" in a following file',
  },
  {
    name: 'constraint-not-valid',
    onExisting: true,
    pattern: /\badd (constraint ["\w]+ )?(unique|primary key|exclude)\b(?! using index\b)/,
    why: 'its index is built under an exclusive lock: build it concurrently, then add the constraint "using index"',
  },
  {
    name: 'constraint-not-valid',
    onExisting: true,
    pattern:
      /\badd (column )?(?!(constraint|check|foreign|unique|primary|exclude)\b).*\b(check|references|unique|primary key)\b/,
    why: 'a constraint that comes with the column is checked at once: add it by itself, "not valid"',
  },
  {
    name: 'no-rows',
    pattern: /^(with .*\) )?(update|delete from|truncate|merge)\b/,
    why: `rows stay locked until the end, and ${N1} may not know what they become: a procedure that commits, called outside`,
  },
  {
    name: 'no-rights',
    onExisting: true,
    pattern: /^(revoke|alter table .*\b(owner to|(enable|force) row level security))\b/,
    why: `${N1} may need the right`,
  },
  {
    name: 'readable',
    pattern: /^do\b/,
    why: 'what a block does cannot be judged: plain statements',
  },
]
