// Which addresses may be asked for through the browser (decision 0041). Looked at before each request and each redirect, by name and by every
// address that the name has; and after the answer by where Chromium says it came from, so that a name which changed meanwhile gives nothing away.
// It is a fence for clients of /curl, not for pages: whoever may use /cdp can have a page ask for anything.
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { TelemetryError } from '@tabscope/schema'

/** `public`: public addresses only. `any`: everything but this server and its browser's DevTools. `off`: nothing. */
export const curlPolicies = ['public', 'any', 'off'] as const
export type CurlPolicy = (typeof curlPolicies)[number]

export interface PolicyOptions {
  readonly policy: CurlPolicy
  /** Ports of this machine that are never asked: our own, and the browser's DevTools. */
  readonly ownPorts: () => Promise<readonly number[]>
}

export interface CurlFence {
  /** Whether addresses that are not public may be asked. */
  readonly mayBeLocal: boolean
  /** Rejects with `curl_off` or `url_not_allowed`. */
  check(url: URL): Promise<void>
  /** Throws `url_not_allowed` when an answer came from where it may not; `space` is Chromium's word for it, undefined when it said nothing. */
  checkAnswer(url: URL, space: string | undefined): void
}

export function createCurlFence({ policy, ownPorts }: PolicyOptions): CurlFence {
  return {
    mayBeLocal: policy === 'any',
    check: async (url) => {
      if (policy === 'off') throw new TelemetryError('curl_off', {})
      const host = hostOf(url)
      const addresses = await addressesOf(host)
      if (policy === 'public' && (isLocalName(host) || addresses.some(isSpecial))) {
        throw new TelemetryError('url_not_allowed', { host, reason: 'it is not a public address' })
      }
      if ((await ownPorts()).includes(portOf(url)) && (isLocalName(host) || addresses.some(isThisMachine))) {
        throw new TelemetryError('url_not_allowed', { host: url.host, reason: 'it is this server, or the DevTools of its browser' })
      }
    },
    checkAnswer: (url, space) => {
      if (policy !== 'public' || space === 'Public') return
      const reason = space === undefined ? 'where it came from is not known' : `its answer came from a ${space.toLowerCase()} address`
      throw new TelemetryError('url_not_allowed', { host: hostOf(url), reason })
    },
  }
}

/** Without the brackets of IPv6 and the dot at the end of an absolute name. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

/** Chromium never asks DNS for `localhost`, and the others are of this house. */
function isLocalName(host: string): boolean {
  return /(^|\.)(localhost|local|internal|intranet|lan|home\.arpa)$/.test(host) || (isIP(host) === 0 && !host.includes('.'))
}

/** Every address of the name. One that is not known here may be known to the browser's proxy; its answer is looked at. */
async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.map(({ address }) => address)
}

const special = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(network, prefix, 'ipv4')
// Of IPv6 only 2000::/3 is given out; within it these hold addresses of IPv4 or are for documents.
const [global, tunnels] = [new BlockList(), new BlockList()]
global.addSubnet('2000::', 3, 'ipv6')
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  tunnels.addSubnet(network, prefix, 'ipv6')

/** Whether the address is not one of the public internet (the registries of special-purpose addresses, RFC 6890). */
export function isSpecial(address: string): boolean {
  const plain = mappedIpv4(address) ?? address
  if (isIP(plain) === 4) return special.check(plain, 'ipv4')
  return !global.check(plain, 'ipv6') || tunnels.check(plain, 'ipv6')
}

/** `::ffff:7f00:1` is 127.0.0.1 to every system. */
function mappedIpv4(address: string): string | undefined {
  const tail = /^::ffff:(.+)$/i.exec(address)?.[1]
  if (tail === undefined) return undefined
  if (isIP(tail) === 4) return tail
  const [high, low] = tail.split(':').map((part) => Number.parseInt(part, 16))
  if (high === undefined || low === undefined) return undefined
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}

function isThisMachine(address: string): boolean {
  const plain = mappedIpv4(address) ?? address
  if (/^(127\.|0\.)/.test(plain) || plain === '::1' || plain === '::') return true
  return Object.values(networkInterfaces()).some((entries) => entries?.some((entry) => entry.address === plain) === true)
}
