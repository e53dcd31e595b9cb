// `npm run soak -- restarts [count] [kills at random] [seed]`: kills Chromium with SIGKILL and starts it again, default ten times, while
// capture goes on; then, default 30 times, at random in the middle of a load. Prints what was told against what the page server saw. Fails
// on any difference of the first, and on what the second tells twice, leaves open, or does not tell of an end or a return.
import { restartAtRandom, restartChromium } from './restarts.ts'
import { dataOf, oddEndings, seenUrls, toldOf, toldUrls } from './witness.ts'

const [runs = 10, kills = 30, seed = 1] = process.argv.slice(2).map(Number)
const { captured, server } = await restartChromium(runs)
await server[Symbol.asyncDispose]()
const { drafts } = captured
const told = toldOf(drafts, server.port)
const causes = dataOf(drafts, 'monitor_disconnected').map(({ cause }) => cause)
const returns = dataOf(drafts, 'monitor_reconnected').map(({ reconnect_duration_ms }) => reconnect_duration_ms)
const calls = dataOf(drafts, 'console_log').map(({ text }) => text)
const figures = {
  runs,
  'disconnects told as chrome_restarted': causes.filter((cause) => cause === 'chrome_restarted').length,
  'returns told': returns.length,
  'longest time without capture, ms': Math.max(...returns),
  'requests seen by the server': server.log.length,
  'requests told': toldUrls(told).length,
  'requests without exactly one end': oddEndings(told).length,
  'open requests closed by the loss': told.failures.filter(({ error_text }) => error_text === 'connection_lost').length,
  'console calls told': calls.length,
}
for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(40)} ${value}\n`)
const isRight =
  causes.length === runs &&
  causes.every((cause) => cause === 'chrome_restarted') &&
  returns.length === runs - 1 &&
  JSON.stringify(toldUrls(told)) === JSON.stringify(seenUrls(server)) &&
  oddEndings(told).length === 0 &&
  new Set(calls).size === runs &&
  calls.length === runs
process.exitCode = isRight && (await killAtRandom()) ? 0 : 1

async function killAtRandom(): Promise<boolean> {
  const { captured, server } = await restartAtRandom(kills, seed)
  await server[Symbol.asyncDispose]()
  const { drafts } = captured
  const told = toldOf(drafts, server.port)
  const urls = toldUrls(told)
  const seen = seenUrls(server)
  const calls = dataOf(drafts, 'console_log').map(({ text }) => text)
  const health = drafts.filter(({ category }) => category === 'monitor').map(({ type }) => type)
  const inTurn = health.every((type, index) => type === (index % 2 === 0 ? 'monitor_disconnected' : 'monitor_reconnected'))
  const doubles = [...urls, ...calls].length - new Set([...urls, ...calls]).size
  const figures = {
    seed,
    'kills at random': kills,
    'ends and returns told, in turn': inTurn ? health.length : health.join(', '),
    'requests seen by the server': seen.length,
    'requests told': urls.length,
    'on their way to us at a kill': seen.filter((url) => !urls.includes(url)).length,
    'told and not seen by the server any more': urls.filter((url) => !seen.includes(url)).length,
    'requests without exactly one end': oddEndings(told).length,
    'told more than once': doubles,
  }
  process.stdout.write('\n')
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(40)} ${value}\n`)
  return inTurn && health.length === 2 * kills - 1 && doubles === 0 && oddEndings(told).length === 0
}
