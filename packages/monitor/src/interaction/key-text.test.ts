import { expect, test } from 'vitest'
import { keyText } from './key-text.ts'

test.each([
  ['a', 'all', 'a'],
  ['A', 'all', 'A'],
  [' ', 'all', ' '],
  ['é', 'all', 'é'],
  ['Enter', 'all', 'Enter'],
  ['x'.repeat(40), 'all', 'x'.repeat(16)],
  ['😀'.repeat(40), 'all', '😀'.repeat(16)],
  ['a', 'printable', 'printable'],
  ['A', 'printable', 'printable'],
  [' ', 'printable', 'printable'],
  ['ß', 'printable', 'printable'],
  ['hunter2', 'printable', 'printable'],
  ['Enter', 'printable', 'Enter'],
  ['F5', 'printable', 'F5'],
  ['ArrowDown', 'printable', 'ArrowDown'],
  ['Enter', 'none', undefined],
  ['a', 'none', undefined],
  ['', 'all', undefined],
] as const)('%s at detail %s is told as %s', (key, detail, told) => {
  expect(keyText(key, detail)).toBe(told)
})
