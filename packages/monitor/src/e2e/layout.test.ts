// Layout shifts and largest paints as Chromium tells them, beside what the page's own PerformanceObserver saw: the same values, rectangles
// and, within the clocks' difference, the same times in milliseconds.
import type { EventDraft } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { openScene } from '../testing/scene.ts'

const page = `<!doctype html><link rel="icon" href="data:,"><script>
  window.shifts = []
  window.paints = []
  const observe = (type, into) => new PerformanceObserver((list) => into.push(...list.getEntries())).observe({ type, buffered: true })
  observe('layout-shift', shifts)
  observe('largest-contentful-paint', paints)
</script><div id="top"></div><p id="big" style="width: 500px; height: 200px; background: teal">moved</p>`

// What the witness in the page has: times are Unix milliseconds.
const seen = `({
  shifts: shifts.map((e) => ({ time: performance.timeOrigin + e.startTime, value: e.value, rects: e.sources.map((s) => [s.previousRect.y, s.currentRect.y]) })),
  paints: paints.map((e) => ({ time: performance.timeOrigin + e.renderTime, size: e.size, id: e.element?.id })),
})`

interface Seen {
  readonly shifts: readonly { readonly time: number; readonly value: number; readonly rects: readonly (readonly [number, number])[] }[]
  readonly paints: readonly { readonly time: number; readonly size: number; readonly id: string | undefined }[]
}

const clocksDifferMs = 1_000

test('shifts, what moved, the running score and the largest paint are those that the page saw itself', async () => {
  await using scene = await openScene({ pages: { '/': page }, categories: { page: { detail_level: 'verbose' } } })
  const tab = await scene.visit('/')
  await scene.captured.until('page_lcp')
  for (const [index, px] of [120, 260].entries()) {
    await tab.evaluate(`document.getElementById('top').style.height = '${px}px'`)
    await scene.captured.untilCount('page_layout_shift', index + 1)
    // The observer is told in a task of its own.
    await tab.evaluate(
      `new Promise((resolve) => { const look = () => shifts.length > ${index} ? resolve(0) : setTimeout(look, 5); look() })`,
    )
  }
  const witness = (await tab.evaluate(seen)) as Seen
  const told = scene.captured.of('page_layout_shift').map(({ data }) => data)
  expect(told.map(({ layout_shift_details }) => layout_shift_details?.value)).toEqual(witness.shifts.map(({ value }) => value))
  expect(told.map(rectsOf)).toEqual(witness.shifts.map(({ rects }) => rects))
  expect(told.map(({ cumulative_score }) => cumulative_score)).toEqual(
    witness.shifts.map((_shift, index) => witness.shifts.slice(0, index + 1).reduce((sum, { value }) => sum + value, 0)),
  )
  const paint = scene.captured.of('page_lcp').at(-1)?.data
  expect([paint?.lcp_details?.size, paint?.lcp_details?.element_id]).toEqual([witness.paints.at(-1)?.size, witness.paints.at(-1)?.id])
  const times = [...told.map(({ time }) => time), paint?.lcp_details?.render_time ?? 0]
  const seenTimes = [...witness.shifts.map(({ time }) => time), witness.paints.at(-1)?.time ?? 0]
  expect(times.filter((time, index) => Math.abs(time - (seenTimes[index] ?? 0)) > clocksDifferMs)).toEqual([])
})

function rectsOf({ sources }: EventDraft<'page_layout_shift'>['data']): (number | undefined)[][] | undefined {
  return sources?.map(({ previous_rect, current_rect }) => [previous_rect?.y, current_rect?.y])
}
