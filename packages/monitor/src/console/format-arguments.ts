// PLACEHOLDER until the real formatter lands
export function formatArguments(
  args: readonly any[],
  _o: { withPreview: boolean },
): { text: string; args: readonly string[]; preview?: readonly unknown[]; cut: readonly string[] } {
  const texts = args.map((a) => String(a.value ?? a.unserializableValue ?? a.description ?? a.type))
  return { text: texts.join(' '), args: texts, cut: [] }
}
