// `npm run soak -- restarts [count]`: kills Chromium with SIGKILL and starts it again, default ten times, while capture goes on.
// Prints what was told against what the page server saw, and fails on any difference.
import { restartChromium } from './restarts.ts'
import { dataOf, oddEndings, seenUrls, toldOf, toldUrls } from './witness.ts'

const runs = Number(process.argv[2] ?? 10)
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
process.exitCode = isRight ? 0 : 1
