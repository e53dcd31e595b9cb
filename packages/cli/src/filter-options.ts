// Which events are wanted: the options that commands which show events share, and the filter that they mean.
import { type EventFilter, matchesFilter, parseFilterQuery } from '@tabscope/schema'
import type { Envelope } from '@tabscope/sdk'
import { type Command, Option } from 'commander'
import { parseDetail, parseList } from './option-values.ts'

export interface FilterFlags {
  readonly category?: readonly string[]
  readonly type?: readonly string[]
  readonly sourceKind?: readonly string[]
  readonly target?: readonly string[]
  readonly detail?: string
}

/** Adds the options. */
export function addFilterOptions(command: Command): Command {
  return command
    .addOption(new Option('--category <names>', 'only these categories').argParser(parseList))
    .addOption(new Option('--type <names>', 'only these types').argParser(parseList))
    .addOption(
      new Option('--source-kind <kinds>', 'only events of these producers: cdp, kernel_api, extension, local_process').argParser(parseList),
    )
    .addOption(new Option('--target <ids>', 'only events of these tabs, frames or workers').argParser(parseList))
    .addOption(new Option('--detail <level>', 'only events captured at most at this level').argParser(parseDetail))
}

/** As the client sends it to a server. */
export function queryFiltersOf({ category, type, sourceKind, target, detail }: FilterFlags) {
  return { category, type, sourceKind, targetId: target, detailLevel: detail }
}

/** For this side. Throws `unknown_category` and `invalid_request`. */
export function filterOf(flags: FilterFlags): EventFilter {
  return parseFilterQuery({
    category: flags.category ?? [],
    type: flags.type ?? [],
    source_kind: flags.sourceKind ?? [],
    target_id: flags.target ?? [],
    detail_level: flags.detail === undefined ? [] : [flags.detail],
  })
}

/** Whether an envelope, whoever sent it, passes. */
export function matches(filter: EventFilter, { event }: Envelope): boolean {
  return matchesFilter(filter, {
    type: event.type,
    category: event.category,
    sourceKind: event.source.kind,
    targetId: event.source.metadata?.['target_id'],
    detailLevel: event.detail_level,
  })
}
