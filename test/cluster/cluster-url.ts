/** The PostgreSQL that `npm run test:cluster` has started or was given: the URL of somebody who may create databases and roles. */
export const clusterUrl = (): string => {
  const url = process.env['CLUSTER_DATABASE_URL']
  if (url === undefined) throw new Error('CLUSTER_DATABASE_URL is missing: run this by npm run test:cluster')
  return url
}
