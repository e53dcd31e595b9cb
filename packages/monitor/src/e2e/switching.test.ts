// Categories switched at random in the middle of requests: `npm run soak -- switching` does it 200 times.
import { launchTestChromium } from '@tabscope/cdp/testing'
import { expect, test } from 'vitest'
import { switchCategories } from '../testing/switching.ts'

test('nothing of an old selection appears after a switch, nothing is told twice, and after the last one everything is captured', async () => {
  await using chromium = await launchTestChromium()
  const result = await switchCategories({ chromium, switches: 30, seed: 7 })
  const { unwanted, late, doubles, last } = result
  expect({ unwanted, late, doubles }).toEqual({ unwanted: [], late: [], doubles: [] })
  const requests = ['/data?last-0', '/data?last-1', '/data?last-2', '/data?last-3', '/frame?last', '/image?last', '/page?last']
  const texts = ['answer last-0', 'answer last-1', 'answer last-2', 'answer last-3', 'call last', 'worker last']
  expect(last).toEqual([...texts, 'load', ...requests.flatMap((path) => [`network_request ${path}`, `network_response ${path}`])].sort())
})
