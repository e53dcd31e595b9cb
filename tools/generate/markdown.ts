// Small pieces of Markdown. Everything that goes into a table cell passes through `cell`, because `|` and line feeds break tables.

/** The text as one table cell. */
export function cell(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replace(/\s*\n\s*/g, ' ')
    .trim()
}

/** A table; rows of only empty cells are left out. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const filled = rows.filter((row) => row.some((text) => text !== ''))
  const line = (texts: readonly string[]): string => `| ${texts.map(cell).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...filled.map(line)].join('\n')
}

/** The text as code; empty stays empty. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}

/** A page with its title, the note that it is generated, and its parts with a blank line between. */
export function page(title: string, parts: readonly string[]): string {
  const note = '<!-- Generated from packages/schema by `npm run generate`. Do not edit. -->'
  return `${[`# ${title}`, note, ...parts].join('\n\n')}\n`
}
