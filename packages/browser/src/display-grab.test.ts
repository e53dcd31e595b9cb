import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { systemClock } from '@tabscope/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Display, openDisplay } from './display.ts'
import { grabDisplay } from './display-grab.ts'
import { pixelAt, readPng } from './testing/png.ts'

const runs = (program: string): boolean => spawnSync(program, ['-version']).error === undefined
const hasX = runs('Xvfb') && runs('ffmpeg')
const never = new AbortController().signal

describe.skipIf(!hasX)('with Xvfb and ffmpeg', () => {
  let display: Display
  let client: Socket

  // The display ends with its last client, so one has to stay: a client that says who it is (little-endian, protocol 11) and nothing more.
  beforeAll(async () => {
    const { DISPLAY: _none, ...env } = process.env
    display = await openDisplay({ clock: systemClock, env })
    client = connect(`/tmp/.X11-unix/X${display.name.slice(1)}`)
    client.write(Buffer.from([0x6c, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
    await once(client, 'data')
  })
  afterAll(async () => {
    client.destroy()
    await display.close()
  })

  test('a display is pictured at its full size', async () => {
    const png = readPng(await grabDisplay({ display: display.name, signal: never }))
    expect({ width: png.width, height: png.height, corner: pixelAt(png, 0, 0) }).toEqual({ width: 1920, height: 1080, corner: [0, 0, 0] })
  })

  test('a picture over the bound is halved until it fits', async () => {
    const whole = await grabDisplay({ display: display.name, signal: never })
    const png = readPng(await grabDisplay({ display: display.name, mostChars: whole.length / 8, signal: never }))
    expect({ width: png.width, height: png.height }).toEqual({ width: 480, height: 270 })
  })

  test('a picture that fits at no size is an error, not a cut picture', async () => {
    await expect(grabDisplay({ display: display.name, mostChars: 10, signal: never })).rejects.toMatchObject({
      code: 'display_grab_failed',
      detail: { reason: 'its picture is larger than 10 characters at any size' },
    })
  })

  test('a display that is not there is an error with the words of ffmpeg', async () => {
    await expect(grabDisplay({ display: ':65000', signal: never })).rejects.toThrow(
      /No picture of display :65000: ffmpeg ended with code 1: .*:65000/,
    )
  })
})

test('a missing ffmpeg is an error that says what to install', async () => {
  await expect(grabDisplay({ display: ':0', signal: never, ffmpeg: '/nowhere/ffmpeg' })).rejects.toThrow(
    'No picture of display :0: ffmpeg cannot be started (spawn /nowhere/ffmpeg ENOENT). Install ffmpeg (`apt-get install ffmpeg`), or set screenshot.scope to "page".',
  )
})

test('an aborted grab rejects with the reason at once', async () => {
  const stop = new AbortController()
  const grabbed = grabDisplay({
    display: ':0',
    signal: stop.signal,
    ffmpeg: new URL('testing/hanging-program.sh', import.meta.url).pathname,
  })
  stop.abort(new Error('no time'))
  await expect(grabbed).rejects.toThrow('no time')
})

test('a program that writes without end is ended at the bound', async () => {
  const endless = new URL('testing/endless-program.sh', import.meta.url).pathname
  await expect(grabDisplay({ display: ':0', signal: never, ffmpeg: endless })).rejects.toThrow(/ffmpeg wrote more than 67108864 bytes/)
})
