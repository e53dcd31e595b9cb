// Reads the TypeScript sources of the packages and what each of them imports. Judges nothing: see check-layers.ts and check-clock.ts.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url))

export interface SourceText {
  /** Path from the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
}

export interface Import {
  readonly specifier: string
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean
  /** 1-based. */
  readonly line: number
}

/** All `.ts` files below `packages/<any>/src`, in order of path. */
export function readPackageSources(root: string = repositoryRoot): SourceText[] {
  return readdirSync(join(root, 'packages'))
    .flatMap((name) => readTypeScript(join(root, 'packages', name, 'src')))
    .map((file) => ({ path: relative(root, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

function readTypeScript(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name))
}

/** Parses a source text; positions in it are 0-based offsets. */
export function parseSource(source: SourceText): ts.SourceFile {
  return ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, true)
}

/** Everything that the file imports or exports again: statements, `import()` at run time and in types. */
export function importsOf(source: SourceText): Import[] {
  const file = parseSource(source)
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    found.push({ specifier: specifier.text, typeOnly, line: file.getLineAndCharacterOfPosition(specifier.getStart(file)).line + 1 })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnlyImport(node.importClause))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeOnlyExport(node))
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function isTypeOnlyImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.isTypeOnly) return true
  const named = clause.namedBindings
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((element) => element.isTypeOnly)
  )
}

function isTypeOnlyExport(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true
  const named = node.exportClause
  return (
    named !== undefined && ts.isNamedExports(named) && named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly)
  )
}
