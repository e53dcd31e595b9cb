// docs/reference/errors.md and limits.md: the two tables as they are in the code.
import { errorTable, limitTable } from '../../packages/schema/src/index.ts'
import { code, page, table } from './markdown.ts'

/** Every error code with its status. */
export function errorsPage(): string {
  const rows = Object.entries(errorTable)
    .map(([name, definition]) => ({ name, ...definition }))
    .sort((one, other) => one.httpStatus - other.httpStatus || (one.name < other.name ? -1 : 1))
  return page('Errors', [
    'Every error is JSON: `{"code": "<stable code>", "message": "<what, the value, the next step>", "details"?: […]}`. Codes are stable; texts are not.',
    table(
      ['Code', 'Status', 'When'],
      rows.map(({ name, httpStatus, summary }) => [code(name), String(httpStatus), summary]),
    ),
  ])
}

/** Every bound with its unit and reason. */
export function limitsPage(): string {
  return page('Limits', [
    'Everything that grows or waits has a bound. What happens at the bound is part of its reason, or said where it is used.',
    table(
      ['Name', 'Value', 'Unit', 'Reason'],
      Object.entries(limitTable).map(([name, limit]) => [code(name), limit.value.toLocaleString('en-US'), limit.unit, limit.reason]),
    ),
  ])
}
