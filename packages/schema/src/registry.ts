// The one registry: every event type by name. Types, validation, JSON Schema, documents and filters are derived from it.
// A type that is not here and not declared by an outside producer cannot be published.
import type { z } from 'zod'
import type { Category } from './category.ts'
import type { EventDefinition } from './define-event.ts'
import { captchaEvents } from './events/captcha.ts'
import { connectionEvents } from './events/connection.ts'
import { consoleEvents } from './events/console.ts'
import { controlEvents } from './events/control.ts'
import { interactionEvents } from './events/interaction.ts'
import { monitorEvents } from './events/monitor.ts'
import { networkEvents } from './events/network.ts'
import { dialogEvents, layoutEvents, navigationEvents } from './events/page.ts'
import { screenshotEvents } from './events/screenshot.ts'
import { systemEvents } from './events/system.ts'
import { targetEvents } from './events/target.ts'

/** Every event type, in the order of the documents. */
export const registry = {
  ...consoleEvents,
  ...networkEvents,
  ...targetEvents,
  ...navigationEvents,
  ...layoutEvents,
  ...dialogEvents,
  ...interactionEvents,
  ...screenshotEvents,
  ...monitorEvents,
  ...controlEvents,
  ...connectionEvents,
  ...systemEvents,
  ...captchaEvents,
} as const

type Registry = typeof registry

/** The name of a type that the registry knows. */
export type EventType = keyof Registry

/** The `data` of an event type. */
export type EventDataOf<Type extends EventType> = z.infer<Registry[Type]['data']>

/** The category of an event type. */
export type CategoryOf<Type extends EventType> = Registry[Type]['category']

/** The types of one category. */
export type EventTypeIn<In extends Category> = { [Type in EventType]: CategoryOf<Type> extends In ? Type : never }[EventType]

/** The names of all types, in the order of the documents. */
export const eventTypes = Object.keys(registry) as readonly EventType[]

/** Whether the registry knows a type of that name. */
export function isKnownType(name: string): name is EventType {
  return Object.hasOwn(registry, name)
}

/** What the registry knows of a type, or undefined for a name that only an outside producer knows. */
export function definitionOf(name: string): EventDefinition | undefined {
  return isKnownType(name) ? registry[name] : undefined
}

/** The names of the types of a category. */
export function typesOf(category: Category): readonly EventType[] {
  return eventTypes.filter((type) => registry[type].category === category)
}
