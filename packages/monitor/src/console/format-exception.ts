// PLACEHOLDER until the real formatter lands
export function formatException(d: any): {
  text: string
  line?: number
  column?: number
  sourceUrl?: string
  isUnhandledRejection: boolean
  stackTrace?: any
  cut: readonly string[]
} {
  return { text: `${d.text} ${String(d.exception?.description ?? '').split('\n')[0]}`, isUnhandledRejection: false, cut: [] }
}
