// What `telemetry` of an update means, every row of the published contract, for a browser that captures `page`: the changes one after the
// other, and the categories that are captured after each.
export const defaultCategories = ['control', 'connection', 'system', 'captcha']

const on = { enabled: true }
const off = { enabled: false }

type Flag = typeof on

interface TelemetryUpdate {
  readonly enabled?: boolean
  readonly browser?: { readonly console?: Flag; readonly network?: Flag; readonly page?: Flag; readonly captcha?: Flag }
}

/** `allOff` is every category that the client can name, switched off. */
export function updateRows<Off extends object>(
  allOff: Off,
): readonly (readonly [TelemetryUpdate | { readonly browser: Off } | null | undefined, readonly string[]])[] {
  return [
    [undefined, ['page', ...defaultCategories]],
    [null, ['page', ...defaultCategories]],
    [{}, ['page', ...defaultCategories]],
    [{ browser: { console: on } }, ['console', 'page', ...defaultCategories]],
    [{ browser: { page: off, captcha: off } }, ['console', 'control', 'connection', 'system']],
    [{ enabled: true, browser: { network: on } }, ['network', ...defaultCategories]],
    [{ enabled: true }, defaultCategories],
    [{ enabled: false }, []],
    [{ browser: { console: on } }, ['console', ...defaultCategories]],
    [{ browser: allOff }, []],
  ]
}
