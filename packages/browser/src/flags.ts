// The command line of the Chromium that we launch. Pure: reads nothing and starts nothing.

export interface FlagOptions {
  readonly profileDirectory: string
  readonly headful: boolean
  /** Chromium refuses to run as root inside its sandbox. */
  readonly asRoot: boolean
  /** More arguments, after ours: a later flag wins, and a bare URL is opened. */
  readonly args: readonly string[]
}

// Background services would add requests and events that no page caused; QUIC would hide requests from a recording proxy.
const quietFlags = [
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-sync',
  '--disable-quic',
  '--metrics-recording-only',
  '--password-store=basic',
  '--use-mock-keychain',
  // Containers give /dev/shm 64 MB by default, which crashes tabs; files in /tmp have no such bound.
  '--disable-dev-shm-usage',
]

/** All arguments for one start. The endpoint is a free port; the pipe only ties Chromium's life to ours. */
export function chromiumFlags(options: FlagOptions): string[] {
  return [
    `--user-data-dir=${options.profileDirectory}`,
    '--remote-debugging-port=0',
    '--remote-debugging-pipe',
    ...quietFlags,
    ...(options.headful ? [] : ['--headless=new', '--disable-gpu']),
    ...(options.asRoot ? ['--no-sandbox'] : []),
    ...options.args,
  ]
}
