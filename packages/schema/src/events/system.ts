// What happened to processes on the machine beside the browser's pages.
import { z } from 'zod'
import { defineEvent, published } from '../define-event.ts'

const bytesInKib = z.int().nonnegative()

export const systemEvents = {
  service_crashed: defineEvent('service_crashed', {
    category: 'system',
    summary: 'A supervised program died unexpectedly.',
    contract: 'node',
    data: z.object({
      service_name: z.string().meta(published('Such as `chromium`')),
      phase: z.enum(['startup', 'running', 'gave_up']).meta(published('When')),
      pid: z.int().optional().meta(published('Absent after giving up')),
    }),
  }),
  system_oom_kill: defineEvent('system_oom_kill', {
    category: 'system',
    summary: 'The kernel killed a process because memory ran out.',
    contract: 'node',
    data: z.object({
      pid: z.int().meta(published('The victim')),
      process_name: z.string().meta(published('Its name, at most 15 characters')),
      rss_kb: bytesInKib.meta(published('Its resident size in KiB')),
      constraint: z.enum(['none', 'memcg', 'cpuset', 'memory_policy']).optional().meta(published('What bound was hit')),
      mem_free_kb: bytesInKib.optional().meta(published('Free memory then, KiB')),
      mem_total_kb: bytesInKib.optional().meta(published('All memory, KiB')),
      top_tasks: z
        .array(z.object({ name: z.string(), pid: z.int(), rss_kb: bytesInKib }))
        .max(5)
        .optional()
        .meta(published('The biggest processes, largest first')),
      trigger_pid: z.int().optional().meta(published('Who asked for memory')),
      trigger_process_name: z.string().optional().meta(published('Its name')),
    }),
  }),
} as const
