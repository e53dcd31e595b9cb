// Runs one of the repository's own TypeScript programs from its sources, in a process of its own, with our terminal.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { repositoryRoot } from './source-files.ts'

/** Runs it to its end. Answers its exit code, as a shell counts: 128 and more when a signal ended it. */
export function runProgram(path: string, args: readonly string[]): Promise<number> {
  const nodeArgs = ['--expose-gc', '--conditions=tabscope-source', '--import', 'tsx', join(repositoryRoot, path), ...args]
  const child = spawn(process.execPath, nodeArgs, { cwd: repositoryRoot, stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 128))
  })
}
