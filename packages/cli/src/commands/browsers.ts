// `tabscope browsers …`: the browsers of a control plane, and their events.
import type { Browser } from '@tabscope/sdk'
import type { Command } from 'commander'
import { addBrowserOptions, type BrowserFlags, browserRequest } from '../browser-options.ts'
import { browserTable, describeBrowser, describeTelemetry } from '../browser-view.ts'
import { addClientOptions } from '../client-options.ts'
import { parseLabel, parseWhole } from '../option-values.ts'
import { addOutputOption } from '../output-format.ts'
import { withProgress } from '../progress.ts'
import { safeJson, safeText } from '../terminal-text.ts'
import { runWork, type Work } from '../work.ts'
import { addTelemetryCommands } from './browsers-telemetry.ts'

const examples = `
Examples:
  tabscope browsers create --name shop --telemetry console,network,page
  tabscope browsers list --status all
  tabscope browsers get shop -o json | jq -r .cdp_ws_url
  tabscope browsers update shop --telemetry off
  tabscope browsers telemetry stream shop --replay all
  tabscope browsers delete shop`

export function addBrowsersCommand(program: Command): void {
  const browsers = addClientOptions(
    program.command('browsers').description('create, find and end browsers of a control plane, and read their events'),
  )
  browsers.configureHelp({ showGlobalOptions: true }).addHelpText('after', examples)
  addCreateCommand(browsers)
  addListCommand(browsers)
  addGetCommand(browsers)
  addUpdateCommand(browsers)
  addDeleteCommand(browsers)
  addTelemetryCommands(browsers)
}

function addCreateCommand(browsers: Command): void {
  const command = browsers.command('create').description('start a browser; answers when it is ready')
  addOutputOption(addBrowserOptions(command))
    .option('--headless', 'without a window')
    .option('--timeout <seconds>', 'end it after so long without activity (10 to 259200)', parseWhole(10, 259_200))
    .action(() =>
      runWork(command, async (work) => {
        const flags = command.opts<BrowserFlags & { headless?: boolean; timeout?: number }>()
        const request = {
          ...browserRequest(flags),
          ...(flags.headless === undefined ? {} : { headless: flags.headless }),
          ...(flags.timeout === undefined ? {} : { timeout_seconds: flags.timeout }),
        }
        await showBrowser(
          work,
          await withProgress('starting a browser', () => work.client.browsers.create(request, { signal: work.signal })),
        )
      }),
    )
}

function addListCommand(browsers: Command): void {
  const command = browsers.command('list').description('the browsers there are, page by page')
  addOutputOption(command)
    .option('--limit <count>', 'browsers of one page (1 to 100)', parseWhole(1, 100), 20)
    .option('--offset <number>', 'where the page begins: the number that the page before named', parseWhole(0, Number.MAX_SAFE_INTEGER))
    .option('--status <status>', 'active, deleted or all', 'active')
    .option('--query <text>', 'only those with this in their id or name')
    .option('--tag <key=value>', 'only those with this tag; may be given again', parseLabel)
    .option('--all', 'all pages')
    .action(() => runWork(command, (work) => showBrowsers(work, command.opts<ListFlags>())))
}

interface ListFlags {
  readonly limit: number
  readonly offset?: number
  readonly status: 'active' | 'deleted' | 'all'
  readonly query?: string
  readonly tag?: Readonly<Record<string, string>>
  readonly all?: boolean
}

async function showBrowsers({ client, output, format, signal }: Work, { tag, all, ...query }: ListFlags): Promise<void> {
  const found: Browser[] = []
  let page = await client.browsers.list({ ...query, ...(tag === undefined ? {} : { tags: { ...tag } }) }, { signal })
  for (;;) {
    if (format === 'ndjson') for (const browser of page.items) await output.line(safeJson(browser))
    else found.push(...page.items)
    const next = all === true ? await page.next() : undefined
    if (next === undefined) break
    page = next
  }
  if (format === 'json') await output.line(safeJson(found))
  if (format !== 'table') return
  await output.line(found.length === 0 ? 'No browsers found.' : browserTable(found))
  if (page.nextOffset !== undefined) await output.line(`There are more: --offset ${page.nextOffset}, or --all.`)
}

function addGetCommand(browsers: Command): void {
  const command = browsers.command('get').description('one browser').argument('<id-or-name>')
  addOutputOption(command)
    .option('--include-deleted', 'also when it has ended')
    .action((idOrName: string) =>
      runWork(command, async (work) => {
        const isDeletedToo = command.opts<{ includeDeleted?: boolean }>().includeDeleted === true
        const params = isDeletedToo ? { include_deleted: true } : {}
        await showBrowser(work, await work.client.browsers.retrieve(idOrName, params, { signal: work.signal }))
      }),
    )
}

function addUpdateCommand(browsers: Command): void {
  const command = browsers.command('update').description('change a browser').argument('<id-or-name>')
  addOutputOption(addBrowserOptions(command)).action((idOrName: string) =>
    runWork(command, async (work) => {
      const request = browserRequest(command.opts<BrowserFlags>())
      const browser = await work.client.browsers.update(idOrName, request, { signal: work.signal })
      if (work.format === 'table') await work.output.line(`Updated ${safeText(browser.session_id)}\n${describeTelemetry(browser)}`)
      else await work.output.line(safeJson(browser))
    }),
  )
}

function addDeleteCommand(browsers: Command): void {
  const command = browsers.command('delete').description('end browsers; their events stay readable').argument('<id-or-name...>')
  addOutputOption(command).action((idsOrNames: readonly string[]) =>
    runWork(command, async (work) => {
      for (const idOrName of idsOrNames) {
        await withProgress(`ending ${safeText(idOrName)}`, () => work.client.browsers.delete(idOrName, { signal: work.signal }))
        await work.output.line(work.format === 'table' ? `Deleted ${safeText(idOrName)}` : safeJson({ deleted: idOrName }))
      }
    }),
  )
}

async function showBrowser({ output, format }: Work, browser: Browser): Promise<void> {
  await output.line(format === 'table' ? describeBrowser(browser) : safeJson(browser))
}
