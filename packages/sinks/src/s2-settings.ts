// Which S2 stream events go to, from the standard variables of S2's own tools. The token is behind a function, so that no log line, error
// or answer that shows these settings can show it.

export interface S2Settings {
  readonly accessToken: () => string
  readonly basin: string
  readonly stream: string
  /** Where S2 is; absent = the public service. */
  readonly accountEndpoint?: string
  /** May hold `{basin}`. */
  readonly basinEndpoint?: string
}

/** Settings that may leave the stream's name to whoever uses them. */
export type S2Access = Omit<S2Settings, 'stream'> & { readonly stream?: string }

export type S2Choice =
  | { readonly at: 'on'; readonly access: S2Access }
  /** `isMeant`: somebody wanted it, but it cannot be used as it stands. */
  | { readonly at: 'off'; readonly isMeant: boolean; readonly reason: string }

type Variables = Readonly<Record<string, string | undefined>>

// S2's own rules; a name that breaks them would only fail at the first append.
const basinName = /^[a-z0-9][a-z0-9-]{6,46}[a-z0-9]$/
const longestStreamName = 512

function textOf(variables: Variables, name: string): string | undefined {
  const value = variables[name]?.trim()
  return value === undefined || value === '' ? undefined : value
}

function problemOf({
  token,
  basin,
  stream,
}: {
  token: string | undefined
  basin: string | undefined
  stream: string | undefined
}): string | undefined {
  if (token === undefined) return 'S2_BASIN is set but S2_ACCESS_TOKEN is not; set both'
  if (basin === undefined) return 'S2_ACCESS_TOKEN is set but S2_BASIN is not; name the basin'
  if (!basinName.test(basin)) {
    return `S2_BASIN ${JSON.stringify(basin.slice(0, 64))} is not a basin's name: 8 to 48 lower-case letters, digits and hyphens`
  }
  if (stream !== undefined && Buffer.byteLength(stream) > longestStreamName) return `S2_STREAM is longer than ${longestStreamName} bytes`
  return undefined
}

/** What the environment says. */
export function readS2Variables(variables: Variables): S2Choice {
  const token = textOf(variables, 'S2_ACCESS_TOKEN')
  const basin = textOf(variables, 'S2_BASIN')
  if (token === undefined && basin === undefined) return { at: 'off', isMeant: false, reason: 'S2_ACCESS_TOKEN and S2_BASIN are not set' }
  const stream = textOf(variables, 'S2_STREAM')
  const problem = problemOf({ token, basin, stream })
  if (problem !== undefined || token === undefined || basin === undefined) return { at: 'off', isMeant: true, reason: problem ?? '' }
  const accountEndpoint = textOf(variables, 'S2_ACCOUNT_ENDPOINT')
  const basinEndpoint = textOf(variables, 'S2_BASIN_ENDPOINT')
  return {
    at: 'on',
    access: {
      accessToken: () => token,
      basin,
      ...(stream === undefined ? {} : { stream }),
      ...(accountEndpoint === undefined ? {} : { accountEndpoint }),
      ...(basinEndpoint === undefined ? {} : { basinEndpoint }),
    },
  }
}

/** The stream as people write it. */
export function s2Destination({ basin, stream }: S2Settings): string {
  return `s2://${basin}/${stream}`
}

/** The stream of a browser's own, so that whoever knows the browser finds its events. */
export function browserStreamName(browserId: string): string {
  return `browser/${browserId}`
}
