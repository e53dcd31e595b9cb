// At detail level raw CDP's own parameters are told, too: after redaction nothing of what was planted is in them.
import { configOff } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createRedactor } from '../redact/redactor.ts'
import { openScene } from '../testing/scene.ts'

const secret = 'S3CR3TplantedVALUE'
const raw = { detail_level: 'raw' as const }

test('no planted secret is left in what raw adds', async () => {
  await using scene = await openScene({
    pages: (request, response) => {
      request.resume()
      const headers = { 'content-type': 'text/html', 'set-cookie': `sid=${secret}; Path=/`, 'x-session': secret }
      request.on('end', () => response.writeHead(200, headers).end('<link rel="icon" href="data:,">'))
    },
    categories: { console: raw, network: raw, page: raw },
  })
  const tab = await scene.visit(`/?access_token=${secret}#id_token=${secret}`)
  await tab.evaluate(`(async () => {
    const headers = { authorization: 'Bearer ${secret}', 'x-api-key': '${secret}', 'content-type': 'application/json' }
    await fetch('/login?password=${secret}', { method: 'POST', headers, body: JSON.stringify({ token: '${secret}', deep: { password: '${secret}' } }) })
    await fetch('/blob', { method: 'POST', body: new Blob(['password=${secret}&a=1'], { type: 'application/x-www-form-urlencoded' }) })
    console.log('signed in with password=${secret}', { password: '${secret}', plain: 'shown' })
    history.pushState({}, '', '/done?token=${secret}')
  })()`)
  await scene.captured.until('page_navigated_within_document')
  await scene.captured.untilCount('network_response', 3)
  await scene.captured.until('console_log', (data) => data.text.includes('signed in'))
  const redact = createRedactor(configOff.redaction)
  const told = scene.captured.drafts.map((draft) => JSON.stringify(redact(draft)))
  expect(told.filter((text) => text.includes(secret)).map((text) => text.slice(0, 2000))).toEqual([])
  expect(told.filter((text) => text.includes('"cdp":{') && text.includes('[redacted]')).length).toBeGreaterThan(4)
  expect(scene.captured.drafts.filter((draft) => JSON.stringify(draft.data).includes(secret)).length).toBeGreaterThan(4)
})
