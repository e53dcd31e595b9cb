// All generated files: where they are and what is to be in them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pageScriptModule, pageScriptPath } from '../../packages/monitor/src/testing/page-script.ts'
import { controlOpenApiDocument, eventsSchemaDocument, openApiDocument } from '../../packages/schema/src/index.ts'
import { clientTypesModule, clientTypesPath } from './client-types.ts'
import { configPage } from './config-page.ts'
import { eventsPage } from './events-page.ts'
import { controlApiPage, httpApiPage } from './http-api-page.ts'
import { pinnedNames } from './pinned-names.ts'
import { errorsPage, limitsPage } from './tables-pages.ts'

const pinnedPath = 'packages/schema/src/testing/pinned-names.json'

/** The text of a file, or undefined when there is none. */
export function textOf(root: string, path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Every generated file of the repository at `root`: its path and its text. */
export function documents(root: string): ReadonlyMap<string, string> {
  const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`
  return new Map([
    ['docs/reference/events.md', eventsPage()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/limits.md', limitsPage()],
    ['docs/reference/config.md', configPage()],
    ['docs/reference/http-api.md', httpApiPage()],
    ['docs/reference/control-api.md', controlApiPage()],
    ['docs/reference/events.schema.json', json(eventsSchemaDocument())],
    ['docs/reference/openapi.json', json(openApiDocument())],
    ['docs/reference/control-openapi.json', json(controlOpenApiDocument())],
    [pageScriptPath, pageScriptModule()],
    [clientTypesPath, clientTypesModule()],
    [pinnedPath, pinnedNames(textOf(root, pinnedPath))],
  ])
}

/** The paths whose files are not as they should be. */
export function outdated(root: string): readonly string[] {
  return [...documents(root)].filter(([path, text]) => textOf(root, path) !== text).map(([path]) => path)
}
