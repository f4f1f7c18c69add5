import { CreateCategory } from '@argosy/contracts/http/catalog'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import { maySell } from '../domain/permission.ts'
import type { Marketplace } from '../domain/permission.ts'

const insertCategory = sql(import.meta.url, 'insert-category.sql')

export const createCategory = (marketplace: Marketplace): Route =>
  route(CreateCategory, async ({ body: { name, description }, caller }, { db, platform }) => {
    if (!maySell(marketplace, caller)) return refuse('forbidden', { detail: 'Categories are made by sellers here.' })
    const id = platform.newId()
    const now = platform.clock.now()
    await db.query(insertCategory, [id, caller.id, name, description, now])
    const category = { id, name, description, created_at: now.toISOString(), updated_at: now.toISOString() }
    return { category, categoty: category }
  })
