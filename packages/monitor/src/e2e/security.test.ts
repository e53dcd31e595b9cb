// TLS details of a response: a real https server with a certificate of its own making, at detail level verbose.
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tabscope/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openScene } from '../testing/scene.ts'

const hasOpenssl = spawnSync('openssl', ['version']).error === undefined

describe.skipIf(!hasOpenssl)('with openssl', () => {
  let server: Server

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tabscope-test-tls-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2']
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, ...subject],
      {
        stdio: 'ignore',
      },
    )
    server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<link rel="icon" href="data:,">safe')
    })
    rmSync(folder, { recursive: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })

  test('the protocol and the certificate of a TLS connection are told at verbose', async () => {
    await using scene = await openScene({
      pages: {},
      chromiumArgs: ['--ignore-certificate-errors'],
      categories: { network: { detail_level: 'verbose' } },
    })
    const tab = await scene.emptyTab()
    await tab.navigate(`https://localhost:${(server.address() as AddressInfo).port}/`)
    const { data } = await scene.captured.until('network_response', ({ url }) => url.startsWith('https:'))
    expect(data.security).toEqual({ protocol: 'TLS 1.3', issuer: 'localhost', subject: 'localhost', valid_to: expect.any(Number) })
    const wholeDays = ((data.security?.valid_to ?? 0) - systemClock.wallUs() / 1_000_000) / 86_400
    expect(Math.round(wholeDays)).toBe(2)
  })

  test('a certificate that is not trusted is a failed navigation with its reason', async () => {
    await using scene = await openScene({ pages: {} })
    const tab = await scene.emptyTab()
    await scene.driver.send('Page.navigate', { url: `https://localhost:${(server.address() as AddressInfo).port}/` }, tab.sessionId)
    const { data } = await scene.captured.until('page_navigation_failed')
    expect({ error: data.error_text, url: data.url?.startsWith('https://localhost') }).toEqual({
      error: 'net::ERR_CERT_AUTHORITY_INVALID',
      url: true,
    })
  })
})
