#!/bin/sh
# Fires 1,000 purchases at a running shop (npm start), waits until every one has ended, and checks stock, orders and
# payments over the API. Usage: ./1kpurchases.sh [base URL]. PURCHASES and CONCURRENCY change the numbers.
set -e
cd "$(dirname "$0")"
node=node_modules/.bin/node
[ -x "$node" ] || node=node
exec "$node" scripts/1kpurchases.mjs "${1:-${BASE_URL:-http://127.0.0.1:${PORT:-8080}}}"
