// What the server of one browser is started with: its command line, and what must not be seen there in its environment.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { BrowserRecord } from './browser-record.ts'
import type { ControlOptions } from './config.ts'

interface Places {
  readonly socketPath: string
  readonly eventsFolder: string
}

/** The options of `tabscope serve` for that browser. */
export function serverArguments(
  record: BrowserRecord,
  { host, chromium, graceSeconds, socketPath, eventsFolder }: Places & Pick<ControlOptions, 'host' | 'chromium' | 'graceSeconds'>,
): readonly string[] {
  return [
    'serve',
    ...['--host', host ?? '127.0.0.1', '--port', '0', '--browser-id', record.id],
    ...['--owner-socket', socketPath, '--idle-timeout', String(record.timeoutSeconds)],
    ...['--data', record.isStored ? eventsFolder : 'none'],
    ...['--headful', record.headless ? 'no' : 'yes'],
    ...['--telemetry', record.captured.length === 0 ? 'off' : record.captured.join(',')],
    ...(graceSeconds === undefined ? [] : ['--owner-grace', String(graceSeconds)]),
    ...(chromium === undefined ? [] : ['--chromium', chromium]),
  ]
}

/** The environment of that server: ours, without what was meant for us, with its secrets. A browser with a window gets a display of its own. */
export function serverEnvironment(env: NodeJS.ProcessEnv, secrets: readonly string[]): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('TABSCOPE_') && name !== 'DISPLAY')
  return { ...Object.fromEntries(kept), TABSCOPE_TOKEN_SECRET: secrets.join('\n') }
}

/** Whether a private display can be had. */
export function hasXvfb(env: NodeJS.ProcessEnv): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'Xvfb'), constants.X_OK)
      return true
    } catch {
      // Not here; perhaps in the next folder.
      return false
    }
  })
}
