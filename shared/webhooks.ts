import * as z from 'zod';
import { lazily } from './lazily.ts';

/** Events that a webhook may ask for: those of the event stream, without its progress and previews. */
export const WEBHOOK_EVENTS = ['portrait.created', 'portrait.status', 'portrait.finished'] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number] | 'webhook.ping';

const url = () =>
  z
    .url('url must be an https URL, such as https://example.com/portraits')
    .max(2000, 'url is longer than 2000 characters');

/** What a caller sends to make a webhook. */
export const webhookRequestSchema = lazily(() =>
  z
    .strictObject({
      url: url(),
      events: z
        .array(z.enum(WEBHOOK_EVENTS, { error: `events may hold ${WEBHOOK_EVENTS.join(', ')}` }))
        .min(1, `events is empty: name some of ${WEBHOOK_EVENTS.join(', ')}`)
        .default(['portrait.finished']),
      description: z.string().max(200).default(''),
    })
    .meta({ id: 'WebhookRequest' }),
);
export type WebhookRequest = z.output<ReturnType<typeof webhookRequestSchema>>;

/** What may be changed of a webhook. `enabled: true` takes one up again that was disabled. */
export const webhookChangeSchema = lazily(() =>
  webhookRequestSchema()
    .partial()
    .extend({
      events: z.array(z.enum(WEBHOOK_EVENTS)).min(1).optional(),
      description: z.string().max(200).optional(),
      enabled: z.boolean().optional(),
    })
    .meta({ id: 'WebhookChange' }),
);
export type WebhookChange = z.output<ReturnType<typeof webhookChangeSchema>>;

export const webhookSchema = lazily(() =>
  z
    .object({
      id: z.string().regex(/^whk_[0-9a-z]{24}$/),
      object: z.literal('webhook'),
      url: z.string(),
      events: z.array(z.enum(WEBHOOK_EVENTS)),
      description: z.string(),
      enabled: z.boolean(),
      disabled_reason: z.string().nullable(),
      created_at: z.iso.datetime(),
    })
    .meta({ id: 'Webhook' }),
);
export type Webhook = z.output<ReturnType<typeof webhookSchema>>;

/** A webhook with its signing secret, which is shown when it is made or rotated. */
export const webhookWithSecretSchema = lazily(() =>
  webhookSchema()
    .extend({
      secret: z.string().meta({ description: '`whsec_…`, as Standard Webhooks libraries take it.' }),
    })
    .meta({ id: 'WebhookWithSecret' }),
);

export const webhookListSchema = lazily(() =>
  z.object({ object: z.literal('list'), data: z.array(webhookSchema()) }).meta({ id: 'WebhookList' }),
);

/** One try of a delivery. `status` is the HTTP status, null where there was no answer. */
export const deliveryAttemptSchema = lazily(() =>
  z.object({
    at: z.iso.datetime(),
    status: z.int().nullable(),
    error: z.string().nullable(),
    milliseconds: z.int(),
  }),
);
export type DeliveryAttempt = z.output<ReturnType<typeof deliveryAttemptSchema>>;

export const deliverySchema = lazily(() =>
  z
    .object({
      id: z.string().regex(/^dlv_[0-9a-z]{24}$/),
      object: z.literal('delivery'),
      webhook: z.string(),
      event: z.string().meta({ description: 'Id of the event: the `webhook-id` header.' }),
      type: z.string(),
      status: z.enum(['pending', 'delivered', 'failed']),
      tries: z.int(),
      next_at: z.iso.datetime().nullable(),
      attempts: z.array(deliveryAttemptSchema()),
      created_at: z.iso.datetime(),
    })
    .meta({ id: 'WebhookDelivery' }),
);
export type Delivery = z.output<ReturnType<typeof deliverySchema>>;

/** The newest deliveries of a webhook. */
export const deliveryListSchema = lazily(() =>
  z
    .object({
      object: z.literal('list'),
      data: z.array(deliverySchema()),
      next_cursor: z.string().nullable(),
    })
    .meta({ id: 'WebhookDeliveryList' }),
);
