// What exports to a destination came to: of its browsers that are known, running or ended, and of those that were forgotten.
import { combineExports, type ExportFigures } from '@tabscope/schema'
import type { Browsers } from './browsers.ts'
import type { DestinationRecord } from './destinations.ts'

export function figuresOfDestination(browsers: Pick<Browsers, 'all'>, { id, past }: DestinationRecord): ExportFigures {
  const known = browsers.all.flatMap(({ record: { destination, exported } }) =>
    destination === id && exported !== undefined ? [exported] : [],
  )
  return combineExports(past === undefined ? known : [past, ...known])
}
