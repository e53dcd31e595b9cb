// What the command's exit code says. Part of the interface: scripts branch on it, `--help` lists it.

import { TelemetryError } from '@tabscope/schema'
import { TabscopeError } from '@tabscope/sdk'

export const exitCodes = {
  ok: { code: 0, meaning: 'ended as asked; `serve` and `start` also after Ctrl-C' },
  unexpected: { code: 1, meaning: 'a defect of tabscope; please report it' },
  usage: { code: 2, meaning: 'an option or argument that is not understood' },
  address: { code: 3, meaning: 'the port is taken, or the address cannot be listened on' },
  browser: { code: 4, meaning: 'no Chromium, or it does not start' },
  data: { code: 5, meaning: 'the data folder is in use, or cannot be written' },
  connection: { code: 6, meaning: 'no connection to the server, or it refused' },
  interrupted: { code: 130, meaning: '`tail` and `browsers` were ended by Ctrl-C (143: by SIGTERM)' },
} as const

const usageCodes: readonly string[] = [
  'unknown_category',
  'invalid_request',
  'devtools_bad_url',
  'otlp_bad_config',
  's2_not_configured',
  'weak_token_secret',
  'browser_id_missing',
  'invalid_browser_id',
  'invalid_base_path',
]
const addressCodes: readonly string[] = ['port_in_use', 'host_not_available', 'insecure_host']

/** The exit code for an error, by its stable code. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof TabscopeError) return isWrongUse(error) ? exitCodes.usage.code : exitCodes.connection.code
  if (!(error instanceof TelemetryError)) return exitCodes.unexpected.code
  const { code } = error
  if (usageCodes.includes(code)) return exitCodes.usage.code
  if (code === 's2_unreadable') return exitCodes.connection.code
  if (addressCodes.includes(code)) return exitCodes.address.code
  if (/^(chromium|display|devtools)_/.test(code)) return exitCodes.browser.code
  return code.startsWith('data_folder_') || code === 'file_not_writable' ? exitCodes.data.code : exitCodes.unexpected.code
}

/** What the server, or the client itself, does not take. */
function isWrongUse({ status, code }: TabscopeError): boolean {
  return status === 400 || code === 'invalid_argument'
}

/** For the end of `--help`. */
export function describeExitCodes(): string {
  return ['Exit codes:', ...Object.values(exitCodes).map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`)].join('\n')
}
