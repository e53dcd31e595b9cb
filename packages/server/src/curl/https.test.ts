// Requests through the browser over TLS: the browser's own verdict on a certificate counts, never Node's.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchTestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const hasOpenssl = spawnSync('openssl', ['version']).error === undefined

/** A certificate of its own making for `localhost`, with its key. */
function makeCertificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'tabscope-test-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const made = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(folder, { recursive: true })
  return made
}

describe.skipIf(!hasOpenssl)('with openssl', () => {
  let site: Server
  let url = ''
  /** Makes a Chromium trust the certificate as if an authority had signed it. */
  let trust = ''
  const seen: IncomingHttpHeaders[] = []

  beforeAll(async () => {
    const { key, cert } = makeCertificate()
    const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
    trust = `--ignore-certificate-errors-spki-list=${createHash('sha256').update(spki).digest('base64')}`
    site = createServer({ key, cert }, (request, response) => {
      seen.push(request.headers)
      const { pathname } = new URL(request.url ?? '/', 'https://localhost')
      if (pathname === '/hop') response.writeHead(302, { location: '/safe', 'set-cookie': 'hop=1; Secure; Path=/' }).end()
      else response.writeHead(200, { 'content-type': 'text/plain' }).end('safe')
    })
    site.listen(0, '127.0.0.1')
    await once(site, 'listening')
    url = `https://localhost:${(site.address() as AddressInfo).port}`
  })

  beforeEach(() => {
    seen.length = 0
  })

  afterAll(() => {
    site.close()
    site.closeAllConnections()
  })

  async function withBrowser(args: readonly string[], use: (server: TestServer) => Promise<void>): Promise<void> {
    await using chromium = await launchTestChromium({ args })
    await using server = await startTestServer({ browser: { at: 'connect', endpoint: chromium.endpoint } })
    await use(server)
  }

  test('a certificate that the browser trusts: the answer comes over its TLS, with its cookies of secure origins', async () => {
    await withBrowser([trust], async ({ ask, url: server }) => {
      const { status, json } = await ask('POST', '/curl', { json: { url: `${url}/hop` } })
      expect({ status, json }).toMatchObject({ status: 200, json: { status: 200, body: 'safe' } })
      expect(seen.map((headers) => [headers.cookie, /HeadlessChrome/.test(headers['user-agent'] ?? '')])).toEqual([
        [undefined, true],
        ['hop=1', true],
      ])
      const raw = await fetch(`${server}/curl/raw?url=${encodeURIComponent(`${url}/safe`)}`)
      expect([raw.status, await raw.text()]).toEqual([200, 'safe'])
    })
  })

  test.each(['/curl', '/curl/raw'])(
    'a certificate that it does not trust is told with its reason by %s, and the site is asked nothing',
    async (route) => {
      await withBrowser([], async ({ ask }) => {
        const target = `${url}/safe`
        const { status, json } = await (route === '/curl'
          ? ask('POST', route, { json: { url: target } })
          : ask('GET', `${route}?url=${encodeURIComponent(target)}`))
        expect({ status, json, seen }).toMatchObject({
          status: 502,
          json: { code: 'curl_failed', message: expect.stringMatching(/: net::ERR_CERT_AUTHORITY_INVALID\. .* TLS/) },
          seen: [],
        })
      })
    },
  )
})
