#!/bin/sh
# Fires 1,000 purchases at a running shop (npm start), waits until every one has ended, and checks stock, orders and
# payments over the API. Usage: ./1kpurchases.sh [base URL]. PURCHASES and CONCURRENCY change the numbers.
set -e
cd "$(dirname "$0")"
if [ ! -x node_modules/.bin/node ]; then
  echo '✗ nothing is installed yet. Fix: npm ci' >&2
  exit 2
fi
exec node_modules/.bin/node apps/argosy/buy-and-check/main.ts "${1:-http://127.0.0.1:${PORT:-8080}}"
