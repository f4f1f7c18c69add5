import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { NotHere } from './not-here.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The machine's own browser, CHROMIUM_PATH or the distribution's: nothing is downloaded. Throws NotHere when there is none. */
export const startBrowser = async (): Promise<Browser> => {
  const given = process.env['CHROMIUM_PATH']
  const places = given === undefined ? PLACES : [given]
  const path = places.find((place) => existsSync(place))
  if (path === undefined) throw new NotHere('Chromium', `nothing at ${places.join(', ')}`, 'apt-get install chromium')
  // Chromium's own sandbox does not work for root.
  return chromium.launch({ executablePath: path, chromiumSandbox: process.getuid?.() !== 0, timeout: 30_000 })
}
