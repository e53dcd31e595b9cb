// Where the time of a process went, by the profile that Node writes with --cpu-prof. Prints the functions with most time of their own, and the
// sums by package.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const shown = 25

/** A folder for profiles, gone afterwards. */
export async function profileFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tabscope-profile-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Prints the one profile in the folder. */
export async function printProfile(folder: string): Promise<void> {
  const [name] = (await readdir(folder)).filter((file) => file.endsWith('.cpuprofile'))
  if (name === undefined) throw new Error(`no profile in ${folder}`)
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(join(folder, name), 'utf8')) as Profile
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const [functions, places] = [new Map<string, number>(), new Map<string, number>()]
  let busyUs = 0
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id)
    const us = timeDeltas[index] ?? 0
    if (frame === undefined || frame.functionName === '(idle)') continue
    busyUs += us
    const place = placeOf(frame.url)
    add(places, place === '' ? frame.functionName : place.replace(/\/(?:src|dist)\/.*/, ''), us)
    add(functions, `${frame.functionName || '(anonymous)'} ${place === '' ? '' : `${place}:${frame.lineNumber + 1}`}`, us)
  }
  for (const [title, sums] of [
    ['by package', places],
    ['by function', functions],
  ] as const) {
    process.stdout.write(`\n${title}, of ${(busyUs / 1000).toFixed(0)} ms\n`)
    const sorted = [...sums].sort(([, one], [, other]) => other - one).slice(0, shown)
    for (const [key, us] of sorted) process.stdout.write(`${((100 * us) / busyUs).toFixed(1).padStart(6)} %  ${key}\n`)
  }
}

function placeOf(url: string): string {
  return url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/(packages|node_modules|bench)\//, (_, from: string) => (from === 'packages' ? '' : `${from}/`))
}

function add(sums: Map<string, number>, key: string, us: number): void {
  sums.set(key, (sums.get(key) ?? 0) + us)
}
