// The real files and the crashing ones keep the same promises; locks hold between real processes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { abstractNameOf, lockByFile } from './folder-lock.ts'
import { nodeFiles } from './node-files.ts'
import { createCrashFiles } from './testing/crash-files.ts'
import { testFileSystem } from './testing/file-system-suite.ts'

const folders: string[] = []

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tabscope-files-'))
  folders.push(folder)
  return folder
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

testFileSystem('node', async () => ({ files: nodeFiles, folder: await newFolder() }))

testFileSystem('crashing', async () => {
  const files = createCrashFiles()
  await files.createFolder('/ground')
  return { files, folder: '/ground' }
})

test('files and folders are readable by their user alone', async () => {
  const folder = await newFolder()
  await nodeFiles.createFolder(`${folder}/data`)
  await (await nodeFiles.open(`${folder}/data/a`, 'write')).close()
  const modes = [(await stat(`${folder}/data`)).mode & 0o777, (await stat(`${folder}/data/a`)).mode & 0o777]
  expect(modes).toEqual([0o700, 0o600])
})

test('the lock of another process holds until that process is gone, however it ends', async () => {
  const folder = await newFolder()
  const program = `require('node:net').createServer().listen(process.argv[1].replaceAll('^', '\\0'), () => console.log('locked'))`
  const child = spawn(process.execPath, ['-e', program, abstractNameOf(folder).replace('\0', '^')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const whileHeld = await nodeFiles.lock(folder)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const afterwards = await nodeFiles.lock(folder)
  await afterwards?.release()
  expect([whileHeld, afterwards === undefined]).toEqual([undefined, false])
})

test('the name of a lock has the same length for every path, so that every Node makes the same socket of it', () => {
  const names = ['/data', `/${'long/'.repeat(60)}`, '/dätä'].map(abstractNameOf)
  expect(names.map((name) => [Buffer.byteLength(name), name.slice(0, 15)])).toEqual(names.map(() => [108, '\0tabscope-data:']))
  expect(new Set(names).size).toBe(3)
})

test('a lock file that a killed process left behind does not count', async () => {
  const folder = await newFolder()
  const first = await lockByFile(folder, folder)
  const refused = await lockByFile(folder, folder)
  const path = `${folder}/${(await nodeFiles.list(folder))[0]}`
  await first?.release()
  const program = `require('node:net').createServer().listen(process.argv[1], () => console.log('locked'))`
  const child = spawn(process.execPath, ['-e', program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const leftBehind = await nodeFiles.list(folder)
  const second = await lockByFile(folder, folder)
  await second?.release()
  expect([first === undefined, refused, leftBehind.length, second === undefined]).toEqual([false, undefined, 1, false])
})
