// What many behaviours are made of: pages, and steps that wait for events.
import type { DrivenPage, Page } from '@tabscope/cdp/testing'
import type { Stage } from './behaviour.ts'

export const html = (body: string, head = ''): string =>
  `<!doctype html><html><head><title>fixture</title><link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`
export const script = (code: string): string => html(`<script>${code}</script>`)
export const json = (value: unknown): Page => ({ type: 'application/json', body: JSON.stringify(value) })

// Opens a tab, waits until it is captured, and navigates it: so its first request is seen.
export async function visit(stage: Stage, path: string, host = '127.0.0.1'): Promise<DrivenPage> {
  const tab = await stage.driver.openPage('about:blank')
  await stage.captured.until('page_tab_opened', (data) => data.target_id === tab.targetId)
  await tab.navigate(`http://${host}:${stage.server.port}${path}`)
  return tab
}

export const settled = (stage: Stage, navSeq = 1): Promise<unknown> =>
  stage.captured.until('page_navigation_settled', (data) => data.nav_seq === navSeq)
