// Routes about the server itself: health, figures, this document. They need no token and leave no event.
import { z } from 'zod'
import { healthSchema } from './answers.ts'
import type { RouteDeclaration } from './route.ts'

export const serviceRoutes: readonly RouteDeclaration[] = [
  {
    method: 'GET',
    path: '/healthz',
    operationId: 'Healthz',
    summary: 'Whether the server lives.',
    tag: 'service',
    recordedAs: 'none',
    answers: { 200: { description: 'It lives', schema: healthSchema } },
  },
  {
    method: 'GET',
    path: '/readyz',
    operationId: 'Readyz',
    summary: 'Whether capture is possible.',
    tag: 'service',
    recordedAs: 'none',
    answers: { 200: { description: 'It is', schema: healthSchema }, 503: { description: 'It is not, and why', schema: healthSchema } },
  },
  {
    method: 'GET',
    path: '/metrics',
    operationId: 'Metrics',
    summary: 'Figures in the text format of Prometheus.',
    tag: 'service',
    recordedAs: 'none',
    answers: { 200: { description: 'Metrics', schema: z.string(), contentType: 'text/plain' } },
  },
  {
    method: 'GET',
    path: '/openapi.json',
    operationId: 'OpenApi',
    summary: 'This document.',
    tag: 'service',
    recordedAs: 'none',
    answers: {
      200: { description: 'OpenAPI 3.1', schema: z.object({ openapi: z.string() }).meta({ description: 'An OpenAPI document' }) },
    },
  },
]
