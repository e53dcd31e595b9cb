// Runs one of the repository's own TypeScript programs in a process of its own, with our terminal.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { repositoryRoot } from './source-files.ts'

/** Which packages it runs on: their sources, or what `tsc -b` has built of them, as users run it. */
export type PackageForm = 'source' | 'built'

/** Runs it to its end. Answers its exit code, as a shell counts: 128 and more when a signal ended it. */
export function runProgram(path: string, args: readonly string[], form: PackageForm): Promise<number> {
  const conditions = form === 'source' ? ['--conditions=tabscope-source'] : []
  const nodeArgs = ['--expose-gc', ...conditions, '--import', 'tsx', join(repositoryRoot, path), ...args]
  const child = spawn(process.execPath, nodeArgs, { cwd: repositoryRoot, stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 128))
  })
}
