import * as z from 'zod';
import { lazily } from './lazily.ts';
import { portraitPreviewSchema, portraitProgressSchema, portraitSchema } from './portrait-resource.ts';

const envelope = () => ({
  id: z.string().regex(/^evt_[0-9a-z]{24}_\d+$/),
  object: z.literal('event'),
  created_at: z.iso.datetime(),
});

/**
 * What `GET /v1/portraits/{id}/events` sends: `event:` is `type`, `id:` is `id`, `data:` the whole object. After
 * `portrait.finished` the stream ends.
 */
export const portraitEventSchema = lazily(() =>
  z
    .discriminatedUnion('type', [
      z.object({ ...envelope(), type: z.literal('portrait.created'), data: portraitSchema() }),
      z.object({ ...envelope(), type: z.literal('portrait.status'), data: portraitSchema() }),
      z.object({ ...envelope(), type: z.literal('portrait.progress'), data: portraitProgressSchema() }),
      z.object({ ...envelope(), type: z.literal('portrait.preview'), data: portraitPreviewSchema() }),
      z.object({ ...envelope(), type: z.literal('portrait.finished'), data: portraitSchema() }),
    ])
    .meta({ id: 'PortraitEvent' }),
);
export type PortraitEvent = z.output<ReturnType<typeof portraitEventSchema>>;
export type PortraitEventType = PortraitEvent['type'];
