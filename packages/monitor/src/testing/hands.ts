// Real input from a second CDP client: what Chromium makes of it is trusted, as from a mouse and a keyboard.
import type { DrivenPage, Driver } from '@tabscope/cdp/testing'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Hands {
  /** Clicks in the middle of what the expression gives (an element of the page), or at a point of the viewport. */
  click(
    where: string | Point,
    options?: { readonly button?: 'left' | 'middle' | 'right' | 'back'; readonly modifiers?: number },
  ): Promise<void>
  /** Moves the mouse there. */
  move(to: Point): Promise<void>
  /** Presses one key; one character writes it. `modifiers` as CDP has them: 1 alt, 2 ctrl, 4 meta, 8 shift. */
  press(key: string, modifiers?: number): Promise<void>
  /** Types a text, key by key. */
  type(text: string): Promise<void>
  /** Turns the wheel over the middle of an element, or over a point. */
  wheel(where: string | Point, by: { readonly x?: number; readonly y?: number }): Promise<void>
}

export function handsOn(driver: Driver, tab: DrivenPage): Hands {
  const pointOf = async (where: string | Point): Promise<Point> => {
    if (typeof where !== 'string') return where
    const found = await tab.evaluate(
      `(() => { const box = (${where}).getBoundingClientRect(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 } })()`,
    )
    return found as Point
  }
  const mouse = (params: object): Promise<unknown> => driver.send('Input.dispatchMouseEvent', params, tab.sessionId)
  const press = async (key: string, modifiers = 0): Promise<void> => {
    const text = key === 'Enter' ? '\r' : Array.from(key).length === 1 && (modifiers & 7) === 0 ? key : undefined
    const params = { key, modifiers, ...(keyCodes[key] === undefined ? {} : { windowsVirtualKeyCode: keyCodes[key] }) }
    await driver.send(
      'Input.dispatchKeyEvent',
      { type: text === undefined ? 'rawKeyDown' : 'keyDown', ...(text === undefined ? {} : { text }), ...params },
      tab.sessionId,
    )
    await driver.send('Input.dispatchKeyEvent', { type: 'keyUp', ...params }, tab.sessionId)
  }
  return {
    click: async (where, { button = 'left', modifiers = 0 } = {}) => {
      const { x, y } = await pointOf(where)
      for (const type of ['mousePressed', 'mouseReleased']) await mouse({ type, x, y, button, modifiers, clickCount: 1 })
    },
    move: async (to) => {
      await mouse({ type: 'mouseMoved', ...to })
    },
    press,
    type: async (text) => {
      for (const character of text) await press(character)
    },
    wheel: async (where, { x = 0, y = 0 }) => {
      await mouse({ type: 'mouseWheel', ...(await pointOf(where)), deltaX: x, deltaY: y })
    },
  }
}

const keyCodes: Readonly<Record<string, number>> = { Enter: 13, Tab: 9, Escape: 27, ArrowDown: 40, PageDown: 34, Backspace: 8 }
