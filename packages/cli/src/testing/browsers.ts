// Runs `tabscope browsers …` for tests.
import { runTabscope } from './command.ts'

/** Runs `tabscope browsers …` to its end. */
export async function browsers(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | string; out: readonly string[]; err: readonly string[] }> {
  await using command = runTabscope(['browsers', ...args], env)
  const code = await command.ended()
  return { code, out: [...command.stdout.all], err: [...command.stderr.all] }
}
