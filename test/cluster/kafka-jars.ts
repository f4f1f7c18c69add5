import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { NotHere } from './not-here.ts'

const run = promisify(execFile)

export const KAFKA_VERSION = '4.4.0'

/** Survives runs: the jars are fetched once per installation. */
const CACHE = fileURLToPath(new URL(`../../node_modules/.cache/argosy/kafka-${KAFKA_VERSION}`, import.meta.url))

/** Classes as they were loaded once: a broker starts with a third of the processor time that it needs without. */
const ARCHIVE = join(CACHE, 'kafka.jsa')

// Kafka brings slf4j-api 1.7, so its log goes through log4j-slf4j-impl and not through log4j-slf4j2-impl.
const JARS = [
  ['org.apache.kafka', 'kafka_2.13', KAFKA_VERSION],
  ['org.apache.kafka', 'kafka-tools', KAFKA_VERSION],
  ['org.apache.logging.log4j', 'log4j-core', '2.26.1'],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', '2.26.1'],
] as const

/** How a program of Kafka's is started: `java` with these arguments before the class, in this environment. */
export type Java = { readonly file: string; readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv }

export type JavaOptions = {
  readonly heap: string
  /** A log4j2 properties file; nothing is logged without. */
  readonly log: 'info' | 'off'
}

/** What Kafka runs on, fetched when it is not there yet. Throws NotHere on a machine without Java or Maven. */
export const fetchKafka = async (): Promise<void> => {
  await found('java', '-version', 'openjdk-17-jre-headless')
  if (existsSync(CACHE)) return
  await found('mvn', '--version', 'maven')
  mkdirSync(dirname(CACHE), { recursive: true })
  const folder = mkdtempSync(`${CACHE}-`)
  try {
    writeFileSync(join(folder, 'pom.xml'), POM)
    for (const level of ['info', 'off'] as const) writeFileSync(join(folder, `log-${level}.properties`), logAt(level))
    const goal = ['dependency:copy-dependencies', '-DoutputDirectory=libs', '-DincludeScope=runtime']
    await run('mvn', ['-B', '-q', ...goal], { cwd: folder, timeout: 300_000 }).catch((error: unknown) => {
      const [why = ''] = `${Object(error).stdout}${Object(error).message}`.split('\n')
      throw new NotHere('Kafka', `Maven could not fetch it (${why})`, 'try again with a network')
    })
    renameSync(folder, CACHE)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    // Another process may have been first.
    if (!existsSync(CACHE)) throw error
  }
}

const found = async (program: string, version: string, debian: string): Promise<void> => {
  await run(program, [version]).catch(() => {
    throw new NotHere('Kafka', `there is no ${program}`, `apt-get install ${debian}`)
  })
}

/** `archive`: the file to write when the program ends; the one of the cache is read when absent. */
export const java = ({ heap, log }: JavaOptions, archive?: string): Java => {
  // The archive is good for these jars in this order only.
  const jars = globSync(join(CACHE, 'libs/*.jar')).toSorted().join(':')
  const classes = archive === undefined ? `-XX:SharedArchiveFile=${ARCHIVE}` : `-XX:ArchiveClassesAtExit=${archive}`
  const args = [
    classes,
    '-Xshare:auto',
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    `-Xmx${heap}`,
    `-Dlog4j2.configurationFile=${join(CACHE, `log-${log}.properties`)}`,
  ]
  return { ...underParent('java', args), env: { ...process.env, CLASSPATH: jars } }
}

/** However the test process ends, its brokers end with it, where Linux can see to that. */
const underParent = (file: string, args: readonly string[]): Pick<Java, 'file' | 'args'> =>
  existsSync('/usr/bin/setpriv')
    ? { file: '/usr/bin/setpriv', args: ['--pdeathsig', 'KILL', file, ...args] }
    : { file, args }

/** Writes the archive of classes, unless there is one: `serve` starts a broker as it is told, and ends it in an orderly way. */
export const archiveClasses = async (serve: (java: Java) => Promise<void>): Promise<void> => {
  if (existsSync(ARCHIVE)) return
  const own = `${ARCHIVE}-${process.pid}`
  await serve(java({ heap: '384m', log: 'info' }, own))
  renameSync(own, ARCHIVE)
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>argosy</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${JARS.map(
    ([group, artifact, version]) => `
    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  ).join('')}
  </dependencies>
</project>
`

const logAt = (level: string): string => `status=error
appender.c.type=Console
appender.c.name=c
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d{ISO8601} %p %m (%c)%n%throwable{short}
rootLogger.level=${level}
rootLogger.appenderRef.c.ref=c
`
