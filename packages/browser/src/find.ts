// Finds the Chromium to run: the one that was named, else the one in CHROMIUM_PATH, else an installed one.
// Never downloads and never starts anything. The search for installed ones is chrome-launcher's.
import { accessSync, constants, statSync } from 'node:fs'
import { TelemetryError } from '@tabscope/schema'
import { Launcher } from 'chrome-launcher'

export interface FindOptions {
  /** The path that the user named; nothing else is tried then. */
  readonly chromium?: string | undefined
  readonly env?: NodeJS.ProcessEnv
  /** Lists installed browsers, best first. */
  readonly installed?: () => readonly string[]
}

/** The path of an executable Chromium or Chrome. Throws `chromium_not_found`, which says what to install. */
export function findChromium(options: FindOptions = {}): string {
  const asked = options.chromium ?? nonEmpty((options.env ?? process.env)['CHROMIUM_PATH'])
  if (asked !== undefined) {
    if (!isExecutableFile(asked)) throw new TelemetryError('chromium_not_found', { asked })
    return asked
  }
  const found = (options.installed ?? listInstalled)().find(isExecutableFile)
  if (found === undefined) throw new TelemetryError('chromium_not_found', {})
  return found
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function listInstalled(): readonly string[] {
  try {
    return Launcher.getInstallations()
  } catch {
    // chrome-launcher throws when it finds none; to us that is the empty list, reported by the caller.
    return []
  }
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    // Not there or not permitted: either way it cannot be run, and the caller says so.
    return false
  }
}
