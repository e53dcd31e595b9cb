import { expect, test } from 'vitest'
import { findChromium } from './find.ts'

const shell = '/bin/sh'

test('the named path comes before CHROMIUM_PATH, which comes before an installed one', () => {
  const env = { CHROMIUM_PATH: '/bin/cat' }
  const installed = () => ['/bin/ls']
  expect(findChromium({ chromium: shell, env, installed })).toBe(shell)
  expect(findChromium({ env, installed })).toBe('/bin/cat')
  expect(findChromium({ env: {}, installed })).toBe('/bin/ls')
})

test('an empty CHROMIUM_PATH counts as not set', () => {
  expect(findChromium({ env: { CHROMIUM_PATH: '' }, installed: () => [shell] })).toBe(shell)
})

test('a named path that cannot be run is an error, never a reason to take another browser', () => {
  expect(() => findChromium({ chromium: '/etc', env: {}, installed: () => [shell] })).toThrow('"/etc" is not an executable file.')
  expect(() => findChromium({ env: { CHROMIUM_PATH: import.meta.filename }, installed: () => [shell] })).toThrow(
    `"${import.meta.filename}" is not an executable file.`,
  )
})

test('without any browser the error says what to install', () => {
  expect(() => findChromium({ env: {}, installed: () => [] })).toThrow('apt-get install chromium')
})

test('the Chromium of this machine is found', () => {
  expect(findChromium({ env: {} })).toMatch(/chrom/)
})
