import { databaseVariableOf, isServiceName, serviceNames } from '@argosy/contracts/services'
import type { Mistake } from '@kit/config/config'
import type { Service } from '@kit/service/service'
import { isKafka } from '../log-settings.ts'
import { databaseUrl, databaseUrlOf, type Settings } from '../settings.ts'

/** A database, and whose tables are in it. */
export type Place = {
  readonly url: string
  /** The service that it is of, when it is not the one that all others share. */
  readonly name?: string
  /** All that have their tables there, whether or not this process runs them. */
  readonly services: readonly Service[]
  /** Those that it runs. */
  readonly running: readonly Service[]
}

/** Services with databases of their own, and the log in one of them: nobody else could read it. */
export const databaseApartIn = (settings: Settings): Mistake | undefined => {
  if (isKafka(settings)) return undefined
  const own = serviceNames.find((name) => databaseUrlOf(settings, name) !== databaseUrl(settings))
  if (own === undefined) return undefined
  return {
    name: 'LOG_URL',
    problem: `${databaseVariableOf(own)} names a database of its own, and messages travel through the database of all`,
    fix: 'Set LOG_URL to where they get from one to the other, for example LOG_URL=kafka://host:9092.',
  }
}

/** The databases that this process works on. */
export const placesOf = (
  all: readonly Service[],
  running: readonly Service[],
  settings: Settings,
): readonly Place[] => {
  const urlOf = ({ name }: Service): string =>
    isServiceName(name) ? databaseUrlOf(settings, name) : databaseUrl(settings)
  const byUrl = Map.groupBy(all, urlOf)
  const places = [...byUrl].map(([url, services]): Place => {
    const [first] = services
    return {
      url,
      services,
      running: services.filter((service) => running.includes(service)),
      ...(url !== databaseUrl(settings) && first !== undefined && { name: first.name }),
    }
  })
  // The gateway alone has the one that all share.
  return places.filter((place) => place.running.length > 0 || (running.length === 0 && place.name === undefined))
}
