import { endpoint } from '@kit/http/endpoint'
import Type from 'typebox'
import type { TOptional, TSchema } from 'typebox'
import { Amount, CurrencyCode, Timestamp, Uuid } from '../fields.ts'
import { formerly } from '../formerly.ts'
import { ETag, IfMatch, IfNoneMatch } from '../headers.ts'
import { PageOf, pageQuery } from './page.ts'

/** Text that can be stored: anything but the character NUL. */
const Text = (maxLength: number) => Type.String({ maxLength, pattern: '^[^\\x00]*$' })

/** A name that can be read: not only blanks. */
const Name = Type.String({ maxLength: 200, pattern: '^[^\\S\\x00]*[^\\s\\x00][^\\x00]*$' })

const byId = Type.Object({ id: Uuid })

/** The same fields for a change: one that is not sent stays as it is, hence none has a default. */
const changesOf = <Fields extends Readonly<Record<string, TSchema & { default?: unknown }>>>(fields: Fields) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, { default: _, ...schema }]) => [name, Type.Optional(schema)]),
  ) as { readonly [Name in keyof Fields]: TOptional<Fields[Name]> }

const theCategory = { params: { id: '{category_id}' } }
const theProduct = { params: { id: '{product_id}' } }

const Category = Type.Object({
  id: Uuid,
  name: Type.String(),
  description: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

const describedCategory = { name: Name, description: Type.String({ ...Text(5000), default: '' }) }

export const CreateCategory = endpoint({
  method: 'POST',
  path: '/api/v1/categories',
  summary: 'Creates a category.',
  audience: 'account',
  body: Type.Object(describedCategory),
  answer: Type.Object({
    category: Category,
    categoty: Type.Object(Category.properties, {
      deprecated: true,
      description: 'The same once more under a misspelt name that older clients read.',
    }),
  }),
  status: 201,
  examples: { chairs: { body: { name: 'Chairs', description: 'To sit on' } } },
})

export const UpdateCategory = endpoint({
  method: 'PUT',
  path: '/api/v1/categories/:id',
  summary: 'Changes the fields that are sent, by the owner or an admin.',
  audience: 'account',
  params: byId,
  body: Type.Object(changesOf(describedCategory)),
  answer: Type.Object({ category: Category }),
  problems: ['category-not-found', 'forbidden'],
  examples: { wording: { as: 'seller', ...theCategory, body: { description: 'For every room' } } },
})

export const GetCategory = endpoint({
  method: 'GET',
  path: '/api/v1/categories/:id',
  summary: 'Shows a category.',
  audience: 'anyone',
  params: byId,
  answer: Type.Object({ category: Category }),
  problems: ['category-not-found'],
  examples: { category: theCategory },
})

export const ListCategories = endpoint({
  method: 'GET',
  path: '/api/v1/categories',
  summary: 'Lists the categories by name.',
  audience: 'anyone',
  query: Type.Object(pageQuery),
  answer: PageOf(Category),
})

const Product = Type.Object({
  id: Uuid,
  category_id: Uuid,
  seller_id: { ...Uuid, description: 'The account that sells it.' },
  id_account: { ...Uuid, ...formerly('seller_id') },
  name: Type.String(),
  description: Type.String(),
  brand_name: Type.String(),
  price: Type.Integer({ description: 'In minor units of currency_code.' }),
  currency_code: CurrencyCode,
  inventory: Type.Optional(
    Type.Integer({ description: 'Units that can be bought now; absent while the stock cannot be asked.' }),
  ),
  created_at: Timestamp,
  updated_at: Timestamp,
})

/** Units on hand, 0 to a thousand million. */
const OnHand = Type.Integer({ minimum: 0, maximum: 1_000_000_000 })

/** What a seller says of a product. */
const describedProduct = {
  category_id: Uuid,
  name: Name,
  description: Type.String({ ...Text(20_000), default: '' }),
  brand_name: Type.String({ ...Text(200), default: '' }),
  price: Amount,
}

export const CreateProduct = endpoint({
  method: 'POST',
  path: '/api/v1/products',
  summary: 'Puts a product on sale. It can be bought as soon as this is answered; its owner is the caller.',
  audience: 'account',
  body: Type.Object({ ...describedProduct, inventory: Type.Integer({ ...OnHand, default: 0 }) }),
  answer: Type.Object({ product: Product }),
  status: 201,
  problems: ['unknown-category'],
  examples: {
    chair: {
      as: 'seller',
      body: {
        category_id: '{category_id}',
        name: 'Rocking chair',
        description: 'Ash, with a woven seat.',
        brand_name: 'Norrvik',
        price: 12_900,
        inventory: 25,
      },
    },
  },
})

const changes = {
  ...changesOf(describedProduct),
  inventory: Type.Optional(
    Type.Integer({ ...OnHand, description: 'Units on hand as counted, reserved ones included.' }),
  ),
}

const changed = {
  audience: 'account',
  headers: Type.Object({ 'If-Match': Type.Optional(IfMatch) }),
  answer: Type.Object({ product: Product }),
  answerHeaders: Type.Object({ ETag }),
  problems: ['product-not-found', 'unknown-category', 'stock-below-reserved'],
} as const

export const UpdateProduct = endpoint({
  ...changed,
  method: 'PUT',
  path: '/api/v1/products/:id',
  summary: 'Changes the fields that are sent, by the owner or an admin. If-Match is honoured.',
  params: byId,
  body: Type.Object(changes),
  examples: { price: { as: 'seller', ...theProduct, headers: { 'If-Match': '*' }, body: { price: 12_500 } } },
})

export const UpdateProductByBody = endpoint({
  ...changed,
  method: 'PUT',
  path: '/api/v1/products',
  summary: 'The same with the id in the body.',
  body: Type.Object({ id: Uuid, ...changes }),
  examples: { stock: { as: 'seller', body: { id: '{product_id}', inventory: 500 } } },
})

const media = Type.Object({ url: Type.Array(Type.String()) })

export const GetProduct = endpoint({
  method: 'GET',
  path: '/api/v1/products/:id',
  summary: 'Shows a product with what can be bought of it now. If-None-Match is honoured.',
  audience: 'anyone',
  params: byId,
  answer: Type.Object({ product: Product, images: media, videos: media }),
  problems: ['product-not-found'],
  examples: { product: theProduct },
  headers: Type.Object({ 'If-None-Match': Type.Optional(IfNoneMatch) }),
  answerHeaders: Type.Object({ ETag }),
  empty: { 304: 'You have the current version.' },
})

export const ListProducts = endpoint({
  method: 'GET',
  path: '/api/v1/products',
  summary: 'Lists the products on sale.',
  audience: 'anyone',
  query: Type.Object({
    ...pageQuery,
    category_id: Type.Optional(Uuid),
    seller_id: Type.Optional(Type.String({ ...Uuid, description: 'The account that sells it.' })),
    owner: Type.Optional(Type.String({ ...Uuid, ...formerly('seller_id') })),
    brand_name: Type.Optional(Text(200)),
    name: Type.Optional(Type.String({ ...Text(200), description: 'A part of the name, in any case.' })),
    price_min: Type.Optional(Amount),
    price_max: Type.Optional(Amount),
    sort: Type.Enum(['name', '-name', 'price', '-price', 'created_at', '-created_at'], {
      default: '-created_at',
      description: 'With a minus: the greatest first.',
    }),
  }),
  answer: PageOf(Product),
  examples: { chairs: { query: { name: 'chair', sort: 'price', limit: 5 } } },
})

export const RemoveProduct = endpoint({
  method: 'DELETE',
  path: '/api/v1/products/:id',
  summary: 'Takes a product off sale, by the owner or an admin. Orders that bought it keep it.',
  audience: 'account',
  params: byId,
  answer: Type.Object({}),
  status: 204,
  problems: ['product-not-found'],
  examples: { product: { as: 'seller', ...theProduct } },
})
