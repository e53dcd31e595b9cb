// The rule that only schema/src/clock.ts reads a clock or sets a timer, as one pure function over source texts.
// Everything else is handed a `Clock`, so that a test can hand-crank time.
import ts from 'typescript'
import { parseSource, type SourceText } from './source-files.ts'

/** File → why it may. Nobody else does. */
const exceptions: Readonly<Record<string, string>> = {
  'packages/schema/src/clock.ts': 'it is the clock',
  'packages/monitor/src/page-script/page-time.ts': 'it is the clock inside a page, where no Clock can be handed to',
}

const forbiddenNames: readonly string[] = ['setTimeout', 'setInterval']
const forbiddenMembers: readonly string[] = [
  'Date.now',
  'performance.now',
  'performance.timeOrigin',
  'process.hrtime',
  'process.uptime',
  'AbortSignal.timeout',
]
const forbiddenModules: readonly string[] = [
  'node:timers',
  'node:timers/promises',
  'node:perf_hooks',
  'timers',
  'timers/promises',
  'perf_hooks',
]

/** What is wrong, one sentence each with file and line. */
export function findClockFaults(sources: readonly SourceText[]): string[] {
  return sources.filter((source) => !Object.hasOwn(exceptions, source.path)).flatMap(faultsOf)
}

function faultsOf(source: SourceText): string[] {
  const file = parseSource(source)
  const faults: string[] = []
  const visit = (node: ts.Node): void => {
    const what = timeUse(node)
    if (what !== undefined) {
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
      faults.push(`${source.path}:${line}: ${what} outside of schema/src/clock.ts; take a Clock`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return faults
}

/** A turn of the event loop is no time. */
function importsOnlyTurns({ importClause }: ts.ImportDeclaration): boolean {
  const named = importClause?.namedBindings
  return (
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every(({ name, propertyName }) => (propertyName ?? name).text === 'setImmediate')
  )
}

function timeUse(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return forbiddenModules.includes(node.moduleSpecifier.text) && !importsOnlyTurns(node) ? node.moduleSpecifier.text : undefined
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0) return 'new Date()'
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText().replace(/^globalThis\./, '')
    return (
      forbiddenMembers.find((member) => text === member) ??
      (text !== node.getText() ? forbiddenNames.find((name) => text === name) : undefined)
    )
  }
  if (!ts.isIdentifier(node) || !forbiddenNames.includes(node.text)) return undefined
  // A property of that name, as in `{ setTimeout: … }` or `page.setTimeout`, is somebody else's.
  const isOwnName =
    ts.isPropertyAccessExpression(node.parent) || ts.isPropertyAssignment(node.parent) || ts.isPropertySignature(node.parent)
  return isOwnName && !(ts.isPropertyAssignment(node.parent) && node.parent.initializer === node) ? undefined : node.text
}
