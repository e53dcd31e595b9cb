// docs/reference/events.md: every event type with its fields.
import {
  categories,
  contextShape,
  type DetailLevel,
  definitionOf,
  detailLevels,
  type EventDefinition,
  type EventField,
  eventsSchemaDocument,
  eventTypes,
  fieldsOf,
  type JsonSchema,
  pascalCase,
  registry,
  typesOf,
} from '../../packages/schema/src/index.ts'
import { code, page, table } from './markdown.ts'
import { typeText } from './type-text.ts'

type Properties = { [name: string]: JsonSchema }

const definitions = eventsSchemaDocument()['$defs'] as { [name: string]: { properties?: Properties; required?: readonly string[] } }
const contextProperties = definitions['EventContext']?.properties ?? {}

const clients = {
  node: 'both published clients',
  python: 'only the newer published client (Python)',
  tabscope: '+ no published client',
} as const

/** The page. */
export function eventsPage(): string {
  return page('Events', [
    intro,
    '## Envelope',
    table(['Field', 'Type', 'Always', 'Meaning'], [...frameRows('Envelope', ''), ...frameRows('PageLoadEvent', 'event.')]),
    '## Context',
    'Types marked with **context** carry these fields beside their own. Unknown values are left out: never an empty string, never 0.',
    fieldTable(
      Object.entries(contextProperties).map(([name, property]) => ({ name, property, isRequired: false, field: contextField(name) })),
    ),
    '## Stack traces',
    `\`StackTrace\` keeps CDP's camelCase: ${code(typeText({ type: 'object', ...definitions['StackTrace'] }))}. Lines and columns are zero-based.`,
    '## Detail levels',
    'What each level of a category adds to the ones before. What a level does not have is neither asked of Chromium nor parsed.',
    table(['Category', 'minimal', 'standard', 'verbose', 'raw'], categories.map(levelRow)),
    ...categories.flatMap((category) => [`## ${category}`, ...typesOf(category).flatMap((type) => typeSection(registry[type]))]),
  ])
}

const intro = `${eventTypes.length} types in ${categories.length} categories. Columns: **Always** says whether the field is there whenever the event is;
**From** is the least detail level at which it is captured (levels are cumulative: minimal, standard, verbose, raw); **Redacted as** names the
rule for secrets in it. A **+** before a field or type means that the published contract does not have it. Readers have to accept unknown
fields and unknown types.`

interface Row {
  readonly name: string
  readonly property: JsonSchema | undefined
  readonly isRequired: boolean
  readonly field: EventField | undefined
}

function frameRows(name: string, prefix: string): readonly (readonly string[])[] {
  const { properties = {}, required = [] } = definitions[name] ?? {}
  return Object.entries(properties)
    .filter(([key]) => prefix !== '' || key !== 'event')
    .map(([key, property]) => [
      code(prefix + key),
      frameType(key, property),
      required.includes(key) ? 'yes' : '',
      frameMeaning(key, property),
    ])
}

function frameType(key: string, property: JsonSchema): string {
  if (key === 'category') return categories.join(' | ')
  return key === 'type' || key === 'data' ? (key === 'type' ? 'string' : 'by type, or null when all of it was cut') : typeText(property)
}

function frameMeaning(key: string, property: JsonSchema): string {
  const meanings: Readonly<Record<string, string>> = {
    type: 'Globally unique name of what happened',
    category: 'First-class; never derived from the type',
    source: '`kind` of producer, its own name for it (`event`; for CDP the method), string labels (`metadata`)',
    data: 'Described by type below',
  }
  return meanings[key] ?? String(property['description'] ?? '')
}

function contextField(name: string): EventField | undefined {
  const withContext = definitionOf('page_layout_settled')
  return withContext === undefined ? undefined : fieldsOf(withContext).find((field) => field.name === name)
}

function typeSection(definition: EventDefinition): readonly string[] {
  const facts = [
    clients[definition.contract],
    ...(definition.context ? ['**context**'] : []),
    ...(definition.detail === 'minimal' ? [] : [`from ${code(definition.detail)}`]),
    ...(definition.dataRequired ? ['`data` is never null'] : []),
  ]
  return [`### ${definition.type}`, `${definition.summary} (${facts.join('; ')})`, ...dataTables(definition)]
}

function dataTables(definition: EventDefinition): readonly string[] {
  if (definition.type === 'cdp_command') return [commandTable()]
  const properties = definitions[`${pascalCase(definition.type)}Data`]?.properties ?? {}
  const own = fieldsOf(definition).filter((field) => Object.hasOwn(properties, field.name) && !isPlainContext(definition, field))
  if (own.length === 0) return definition.context ? ['No fields beyond the context.'] : ['No fields.']
  return [fieldTable(own.map((field) => ({ name: field.name, property: properties[field.name], isRequired: field.required, field })))]
}

// At `minimal` the types; above it what is added: types of their own, and fields.
function levelRow(category: (typeof categories)[number]): readonly string[] {
  const definitions = typesOf(category).map((type) => registry[type])
  const added = detailLevels.map((level) => [
    ...definitions.filter((definition) => definition.detail === level).map(({ type }) => code(type)),
    ...(level === 'minimal' ? [] : definitions.flatMap((definition) => addedFields(definition, level))),
  ])
  return [category, ...added.map((names) => [...new Set(names)].join(', '))]
}

// What they come from is our own script's message, and a picture.
const withoutCdp: ReadonlySet<string> = new Set(['interaction', 'screenshot'])

function addedFields(definition: EventDefinition, level: DetailLevel): readonly string[] {
  return fieldsOf(definition)
    .filter(({ name, notes }) => notes.detail === level && !(name === 'cdp' && withoutCdp.has(definition.category)))
    .map(({ name }) => code(name === 'cdp' ? name : `${definition.type}.${name}`))
}

// The three housekeeping fields are on types without context too; they need no row of their own.
function isPlainContext(definition: EventDefinition, field: EventField): boolean {
  return (
    !definition.context && !field.required && field.name in contextShape && ['truncated_fields', 'redacted', 'cdp'].includes(field.name)
  )
}

function fieldTable(rows: readonly Row[]): string {
  return table(
    ['Field', 'Type', 'Always', 'From', 'Redacted as', 'Meaning'],
    rows.map(({ name, property, isRequired, field }) => [
      `${field?.notes.contract === true ? '' : '+ '}${code(name)}`,
      typeText(property),
      isRequired ? 'yes' : '',
      field?.notes.detail ?? '',
      field?.notes.sensitive ?? '',
      String(property?.['description'] ?? ''),
    ]),
  )
}

function commandTable(): string {
  const options =
    (definitions['CdpCommandData'] as { oneOf?: readonly { properties: Properties; required: readonly string[] }[] }).oneOf ?? []
  const shared = new Set(['method', 'command_id', 'connection_id', 'session_id', 'truncated_fields'])
  const fieldsText = (option: (typeof options)[number]): string =>
    Object.entries(option.properties)
      .filter(([name]) => !shared.has(name))
      .map(([name, property]) => `${code(name)}${option.required.includes(name) ? '!' : ''} ${typeText(property)}`)
      .join('; ')
  const lead = 'Every command may carry `command_id` (integer), `connection_id` and `session_id`; `!` marks what its method always has.'
  return `${lead}\n\n${table(
    ['Method', 'Fields'],
    options.map((option) => [code(String(option.properties['method']?.['const'])), fieldsText(option)]),
  )}`
}
