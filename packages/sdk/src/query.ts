// Builds queries: a list as a repeated parameter, which every server understands, a map as `name[key]`. Pure.

export type QueryValue = string | number | boolean | readonly (string | number)[] | Readonly<Record<string, string>> | null | undefined

/** The parameters that have a value. */
export function queryOf(values: Readonly<Record<string, QueryValue>>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue
    if (isList(value)) for (const item of value) query.append(name, String(item))
    else if (typeof value === 'object') for (const [key, inner] of Object.entries(value)) query.append(`${name}[${key}]`, inner)
    else query.append(name, String(value))
  }
  return query
}

function isList(value: NonNullable<QueryValue>): value is readonly (string | number)[] {
  return Array.isArray(value)
}
