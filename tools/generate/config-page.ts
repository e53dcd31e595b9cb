// docs/reference/config.md: what a telemetry configuration can say, with its defaults.
import {
  browserCategories,
  configOff,
  configRequestSchema,
  defaultCategories,
  type JsonSchema,
  jsonSchemaOf,
  settableCategories,
  typesOf,
} from '../../packages/schema/src/index.ts'
import { code, page, table } from './markdown.ts'
import { typeText } from './type-text.ts'

type Properties = { [name: string]: JsonSchema }

// Every category has these; they are shown once.
const sharedKeys = ['enabled', 'detail_level', 'types']

/** The page. */
export function configPage(): string {
  return page('Configuration', [
    'The body of `PUT /telemetry` and `PATCH /telemetry`. `null` is the same as leaving a key out; unknown keys are ignored, so that newer clients work.',
    semantics,
    '## Categories',
    table(['Category', 'From the browser', 'In the default set', 'Types'], settableCategories.map(categoryRow)),
    'The category `monitor` cannot be set: it is captured while any category from the browser is.',
    '## Keys',
    table(['Key', 'Type', 'Default', 'Meaning'], keyRows()),
  ])
}

const semantics = `- **PUT replaces.** No body, \`{}\` or no \`browser\`: the default set. With \`browser\`: exactly the categories with \`enabled: true\`. What the body
  does not say is as the server was started. Only \`browser.control.cdp.excluded_methods\` stays as it was when the body gives no list.
- **PATCH merges.** Only explicit values change. An empty list lifts a restriction (\`types\`, \`url_include\`, \`url_exclude\`, \`resource_types\`,
  \`excluded_methods\`). A label with the value \`null\` is removed.
- A result with no category enabled switches capture off.
- An unknown category, or \`monitor\`, is \`unknown_category\`; a value of the wrong type is \`invalid_request\` naming its path. \`api\` is an old name of \`control\`.`

function categoryRow(category: (typeof settableCategories)[number]): readonly string[] {
  const mark = (list: readonly string[]): string => (list.includes(category) ? 'yes' : '')
  return [code(category), mark(browserCategories), mark(defaultCategories), typesOf(category).map(code).join(' ')]
}

function propertiesOf(schema: JsonSchema | undefined): Properties {
  if (schema === undefined) return {}
  // A key that may be null is a choice of the object and null.
  const options = (schema['anyOf'] as readonly JsonSchema[] | undefined) ?? [schema]
  return (options.find((option) => option['properties'] !== undefined)?.['properties'] as Properties | undefined) ?? {}
}

function keyRows(): readonly (readonly string[])[] {
  const { browser, ...rest } = propertiesOf(jsonSchemaOf(configRequestSchema))
  const byCategory = propertiesOf(browser)
  const shared = sharedKeys.map((key) => row(`browser.<category>.${key}`, propertiesOf(byCategory['console'])[key], sharedDefault(key)))
  const own = settableCategories.flatMap((category) =>
    Object.entries(propertiesOf(byCategory[category]))
      .filter(([key]) => !sharedKeys.includes(key))
      .flatMap(([key, schema]) => rowsBelow(`browser.${category}.${key}`, schema)),
  )
  return [...shared, ...own, ...Object.entries(rest).flatMap(([key, schema]) => rowsBelow(key, schema))]
}

function rowsBelow(path: string, schema: JsonSchema): readonly (readonly string[])[] {
  const inner = Object.entries(propertiesOf(schema))
  if (inner.length > 0) return inner.flatMap(([key, value]) => rowsBelow(`${path}.${key}`, value))
  return [row(path, schema, defaultAt(path))]
}

function row(path: string, schema: JsonSchema | undefined, fallback: string): readonly string[] {
  return [code(path), typeText(schema), fallback, String(schema?.['description'] ?? '')]
}

function sharedDefault(key: string): string {
  return key === 'enabled' ? 'as the table above' : key === 'detail_level' ? code('standard') : 'all'
}

function defaultAt(path: string): string {
  const value = path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], configOff)
  return value === undefined ? '' : code(JSON.stringify(value))
}
