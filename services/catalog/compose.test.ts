import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testServer } from '@kit/embedded-postgres/test-server'
import { migrate } from '@kit/migrations/migrate'
import { scratchDatabase } from '@kit/migrations/template'
import { openClient } from '@kit/postgres/connection/client'
import { schemasOf } from '@kit/service/schemas'
import { catalog } from './service.ts'

/** Every third name is composed already; a table of several batches. */
const OLD = `
  insert into category (id, owner_id, name, description, created_at, updated_at)
  select gen_random_uuid(), gen_random_uuid(), e'Ta\\u0301blets ' || n, e'fu\\u0308r', now(), now() from generate_series(1, 3) n;
  insert into product (id, category_id, owner_id, name, description, brand_name, price, currency_code, created_at, updated_at)
  select gen_random_uuid(), (select id from category limit 1), gen_random_uuid(),
         case n % 3 when 0 then e'Caf\\u00e9 ' else e'Cafe\\u0301 ' end || n, e'fu\\u0308r', e'Mu\\u0308ller', 1, 'USD', now(), now()
    from generate_series(1, 2500) n`

test('text that was stored before in another form is brought into NFC', async () => {
  const schemas = schemasOf([catalog])
  await using database = await scratchDatabase({ url: await testServer(), schemas })
  await using client = await openClient({ url: database.url, name: 'test' })
  const files = `select file from catalog.migration where file like '%/0005-composed.sql'`
  await client.query(`set search_path = catalog; ${OLD}; delete from migration where file in (${files})`)
  const left = async (): Promise<unknown> =>
    (
      await client.query(
        `select count(*) filter (where (name, description, brand_name)::text is not normalized)::int as products,
                (select count(*)::int from category c where (c.name, c.description)::text is not normalized) as categories,
                count(*) filter (where version > 1)::int as changed
           from product`,
      )
    ).rows[0]
  assert.deepEqual(await left(), { products: 2500, categories: 3, changed: 0 })
  const applied = await migrate({ url: database.url, schemas })
  assert.deepEqual(applied, [{ schema: 'catalog', file: 'catalog/migrations/0005-composed.sql' }])
  assert.deepEqual(await left(), { products: 0, categories: 0, changed: 0 })
})
