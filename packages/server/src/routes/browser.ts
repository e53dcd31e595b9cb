// The browser itself, for whoever manages it: what it shows, in what size.
import { type Call, readJsonBody, validated } from '@tabscope/http'
import { invalidRequest, showRequestSchema } from '@tabscope/schema'
import type { Handlers } from '../handlers.ts'
import type { Services } from '../services.ts'

export const browserHandlers: Handlers = { ShowPage: show }

async function show({ show }: Services, call: Call): Promise<Response> {
  const { url, viewport } = validated(showRequestSchema, 'body', (await readJsonBody(call.incoming)) ?? {})
  if (url != null && !URL.canParse(url)) throw invalidRequest('body.url', `${JSON.stringify(url.slice(0, 64))} is not a URL`)
  await show({ url, viewport })
  return new Response(null, { status: 204 })
}
