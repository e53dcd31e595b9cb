import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { documents, outdated } from './documents.ts'
import { cell, table } from './markdown.ts'
import { pinnedNames } from './pinned-names.ts'
import { typeText } from './type-text.ts'

const scratch = mkdtempSync(join(tmpdir(), 'generate-'))
afterAll(() => rmSync(scratch, { recursive: true }))

function writeAll(root: string): void {
  for (const [path, text] of documents(root)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

test('a file that was changed by hand, and one that is missing, are named', () => {
  expect(outdated(scratch)).toEqual([...documents(scratch).keys()])
  writeAll(scratch)
  expect(outdated(scratch)).toEqual([])
  writeFileSync(join(scratch, 'docs/reference/errors.md'), 'changed')
  rmSync(join(scratch, 'docs/reference/openapi.json'))
  expect(outdated(scratch)).toEqual(['docs/reference/errors.md', 'docs/reference/openapi.json'])
})

test('no row of a generated table has more or fewer cells than its head', () => {
  const torn = [...documents(scratch)]
    .filter(([path]) => path.endsWith('.md'))
    .flatMap(([path, text]) => {
      const cells = (line: string): number => line.replaceAll('\\|', '').split('|').length
      const lines = text.split('\n')
      return lines
        .filter((line, index) => line.startsWith('|') && lines[index - 1]?.startsWith('|') && cells(line) !== cells(lines[index - 1] ?? ''))
        .map((line) => `${path}: ${line}`)
    })
  expect(torn).toEqual([])
})

test('bars, backslashes and line feeds cannot break a table', () => {
  expect(cell('a | b\\|c\n  d')).toBe('a \\| b\\\\\\|c d')
  expect(
    table(
      ['A', 'B'],
      [
        ['x|y', ''],
        ['', ''],
      ],
    ),
  ).toBe('| A | B |\n| --- | --- |\n| x\\|y |  |')
})

test('a name that is gone from the code stays in the list of published names', () => {
  const names = JSON.parse(pinnedNames('{"eventTypes":["page_was_here"],"errorCodes":[]}'))
  expect(names.eventTypes).toContain('page_was_here')
  expect(names.eventTypes).toContain('page_load')
  expect(names.errorCodes).toContain('invalid_request')
})

test.each([
  [{ type: 'integer' }, 'integer'],
  [{ type: ['string', 'null'] }, 'string'],
  [{ anyOf: [{ type: 'array', items: { enum: ['a', 'b'] } }, { type: 'null' }] }, '(a | b)[]'],
  [{ type: 'object', properties: { a: { type: 'number' }, b: {} }, required: ['a'] }, '{ a: number, b?: any }'],
  [{ type: 'object', additionalProperties: { type: 'string' } }, 'map of string'],
  [{ $ref: '#/$defs/StackTrace' }, 'StackTrace'],
])('the schema %j is written %s', (schema, text) => {
  expect(typeText(schema)).toBe(text)
})
