// Connections that stay open and carry messages: WebSocket and EventSource. Follows CDP's Network domain.
// Messages are told at `verbose` only, and cut: a socket can carry more than the rest of the page together.
import { z } from 'zod'
import { contextShape } from '../context.ts'
import { added, defineEvent } from '../define-event.ts'

export const socketEvents = {
  network_websocket_opened: defineEvent('network_websocket_opened', {
    category: 'network',
    summary: 'A WebSocket handshake was answered.',
    context: true,
    data: z.object({
      ...contextShape,
      request_id: z.string().optional().meta(added('Joins the events of one socket')),
      status: z.int().optional().meta(added('Status of the handshake')),
      headers: z
        .record(z.string(), z.unknown())
        .optional()
        .meta(added('Headers of the handshake answer', { detail: 'standard', sensitive: 'headers' })),
    }),
  }),
  network_websocket_frame: defineEvent('network_websocket_frame', {
    category: 'network',
    summary: 'A WebSocket message was sent or received.',
    detail: 'verbose',
    context: true,
    data: z.object({
      ...contextShape,
      request_id: z.string().optional().meta(added('Joins the events of one socket')),
      direction: z.enum(['sent', 'received']).optional().meta(added('As seen from the page')),
      opcode: z.int().optional().meta(added('1 text, 2 binary')),
      payload: z
        .string()
        .optional()
        .meta(added('Text, at most 4 KiB', { sensitive: 'body' })),
      payload_bytes: z.int().nonnegative().optional().meta(added('Its whole size')),
    }),
  }),
  network_websocket_closed: defineEvent('network_websocket_closed', {
    category: 'network',
    summary: 'A WebSocket closed.',
    context: true,
    data: z.object({
      ...contextShape,
      request_id: z.string().optional().meta(added('Joins the events of one socket')),
      frames_sent: z
        .int()
        .nonnegative()
        .optional()
        .meta(added('Messages sent by the page', { detail: 'verbose' })),
      frames_received: z
        .int()
        .nonnegative()
        .optional()
        .meta(added('Messages received by the page', { detail: 'verbose' })),
      error_text: z.string().optional().meta(added('Why, when it did not close cleanly')),
    }),
  }),
  network_event_source_message: defineEvent('network_event_source_message', {
    category: 'network',
    summary: 'An EventSource delivered a message.',
    detail: 'verbose',
    context: true,
    data: z.object({
      ...contextShape,
      request_id: z.string().optional().meta(added('The request of the stream')),
      event_name: z
        .string()
        .optional()
        .meta(added('`event` of the message', { sensitive: 'text' })),
      event_id: z
        .string()
        .optional()
        .meta(added('`id` of the message', { sensitive: 'text' })),
      data: z
        .string()
        .optional()
        .meta(added('At most 4 KiB', { sensitive: 'body' })),
    }),
  }),
} as const
