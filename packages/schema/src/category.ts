// The categories of events. First-class on every event: a reader never derives one from a type name.

/** Categories that a producer configuration can switch on and off. */
export const settableCategories = [
  'console',
  'network',
  'page',
  'interaction',
  'control',
  'platform',
  'connection',
  'system',
  'screenshot',
  'captcha',
] as const
export type SettableCategory = (typeof settableCategories)[number]

/** All categories. `monitor` cannot be set: it follows the categories that come from the browser. */
export const categories = [...settableCategories, 'monitor'] as const
export type Category = (typeof categories)[number]

/** Categories whose events come out of the browser. While one of them is on, so is `monitor`. */
export const browserCategories = ['console', 'network', 'page', 'interaction', 'screenshot'] as const satisfies readonly SettableCategory[]
export type BrowserCategory = (typeof browserCategories)[number]

/** What is on when a configuration names no category: the set of the published contract. */
export const defaultCategories = ['control', 'connection', 'system', 'captcha'] as const satisfies readonly SettableCategory[]

/** `api` is the first-generation name of `control`; filters and configurations still accept it. */
export const categoryAliases: Readonly<Record<string, Category>> = { api: 'control' }

/** The category of that name (old names included), or undefined when there is none. */
export function parseCategory(name: string): Category | undefined {
  if (Object.hasOwn(categoryAliases, name)) return categoryAliases[name]
  return categories.find((category) => category === name)
}
