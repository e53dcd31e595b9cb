// Captcha solver tasks and the visible challenges that they serve: two things. Come from outside producers.
// `challenge_id` groups the events of one challenge, `task_id` joins a started with its result; any of them may be missing.
import { z } from 'zod'
import { defineEvent, published } from '../define-event.ts'

const captchaTypes = ['hcaptcha', 'recaptcha_v2', 'recaptcha_v3', 'turnstile', 'geetest', 'press_and_hold', 'other'] as const
const providers = ['hcaptcha', 'recaptcha_v2', 'recaptcha_v3', 'turnstile', 'geetest', 'arkose', 'human', 'binance', 'other'] as const

const challengeShape = {
  captcha_type: z.enum(captchaTypes).meta(published('Vendor family')),
  captcha_provider: z.enum(providers).optional().meta(published('Product of the challenge, not of the solver')),
  challenge_id: z.string().optional().meta(published('Groups the events of one challenge')),
  task_id: z.string().optional().meta(published('Joins a started with its result')),
  website_host: z.string().optional().meta(published('Host of the page')),
  website_path: z.string().optional().meta(published('Path of the page, without query')),
}
const taskShape = {
  ...challengeShape,
  task_kind: z.enum(['token', 'image_challenge', 'press_and_hold']).optional().meta(published('What the task yields')),
  media: z.enum(['image', 'video']).optional().meta(published('hCaptcha material, when known')),
}

export const captchaEvents = {
  captcha_solve_started: defineEvent('captcha_solve_started', {
    category: 'captcha',
    summary: 'A solver took a task.',
    contract: 'python',
    dataRequired: true,
    data: z.object(taskShape),
  }),
  captcha_solve_result: defineEvent('captcha_solve_result', {
    category: 'captcha',
    summary: 'A solver task ended.',
    contract: 'node',
    data: z.object({
      ...taskShape,
      duration_ms: z.number().nonnegative().meta(published('Start to end')),
      status: z.enum(['success', 'failure', 'timeout', 'abandoned']).meta(published('Outcome')),
      error_code: z.string().optional().meta(published("The solver's code on failure")),
    }),
  }),
  captcha_challenge_result: defineEvent('captcha_challenge_result', {
    category: 'captcha',
    summary: 'A visible challenge ended.',
    contract: 'python',
    dataRequired: true,
    data: z.object({
      ...challengeShape,
      duration_ms: z.number().nonnegative().meta(published('From its appearance, over all attempts')),
      status: z.enum(['solved', 'failure', 'timeout', 'abandoned']).meta(published('Outcome')),
      inferred: z.boolean().optional().meta(published('True when derived from a token task; then `task_id` instead of `challenge_id`')),
    }),
  }),
} as const
