// Reads environment variables where there are any: Node has them, pages do not.

/** The variable's text; undefined when it is unset or there is no environment. */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } }
  return process?.env?.[name]
}
