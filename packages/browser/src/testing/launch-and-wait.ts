// A program for tests: launches a Chromium, prints its profile and display, and waits to be killed.
import { systemClock } from '@tabscope/schema'
import { launchBrowser } from '../launch.ts'
import { profileOf } from './processes.ts'

const browser = await launchBrowser({ clock: systemClock, headful: process.argv.includes('--headful') })
process.stdout.write(`${JSON.stringify({ profile: profileOf(browser.pid), display: browser.display?.name })}\n`)
