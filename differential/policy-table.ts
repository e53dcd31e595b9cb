// The policy as the table of docs/completeness.md: `npm run diff -- --table` prints it.
import { rulesOf } from './policy.ts'
import type { WitnessName } from './rule.ts'

export function policyTable(): string {
  const rows = (['server', 'playwright'] as const satisfies readonly WitnessName[]).flatMap((witness) =>
    rulesOf[witness].map(({ id, what, why }) => `| ${witness} | ${id} | ${what} | ${why} |`),
  )
  return ['| witness | rule | what differs | why |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
