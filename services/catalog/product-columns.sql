-- What a product is read and stored as. It may be removed, which nobody is shown.
id, category_id, owner_id, name, description, brand_name, price, currency_code, version, created_at, updated_at
