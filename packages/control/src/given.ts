// What a JSON body gives. Its `null` means left out, as in the published contract; behind the door there is only `undefined`.

export type Given<Body> = { readonly [Name in keyof Body]: Exclude<Body[Name], null> }

/** The object without the fields that are null. Only its own level. */
export function given<Body extends object>(body: Body): Given<Body> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null)) as Given<Body>
}
