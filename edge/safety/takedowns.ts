import * as z from 'zod';
import { lazily, digestOf, type PortraitError, type PortraitRequest } from '../../shared/index.ts';

/** What makes two requests ask for the same person: quality and files do not. */
type Asked = Pick<PortraitRequest, 'prompt' | 'negative_prompt' | 'seed' | 'profile'>;

const takedownSchema = lazily(() =>
  z.object({ request: z.string(), reason: z.string(), at: z.iso.datetime() }),
);
type StoredTakedown = z.output<ReturnType<typeof takedownSchema>>;

/** A portrait that was taken down; `request` is the digest of what it was asked for with. */
export type Takedown = StoredTakedown & { portrait: string };

const portraitPath = (portrait: string) => `takedowns/portraits/${portrait}`;
const REQUESTS = 'takedowns/requests/';
const requestPrefix = (request: string) => `${REQUESTS}${request}/`;

/** Where nothing at all is taken down, that is believed for this long: most services look into the bucket seldom. */
const NONE_FOR_MS = 10_000;
let noneUntil = 0;

const plain = (text: string) => text.normalize('NFKC').toLowerCase().split(/\s+/).filter(Boolean).join(' ');

/** The digest under which requests for the same person are one: prompts count without case and spacing. */
export function requestDigest({ prompt, negative_prompt, seed, profile }: Asked): Promise<string> {
  return digestOf({ prompt: plain(prompt), negative_prompt: plain(negative_prompt), seed, profile });
}

/**
 * Portraits that were taken down, in the bucket: each under its id, and a mark under the digest of its request, which
 * keeps equal requests from being made while it is there. Every call may be repeated.
 */
export class Takedowns {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  /** Notes a takedown, and refuses equal requests from now on. */
  async add(portrait: string, asked: Asked, reason: string): Promise<void> {
    const request = await requestDigest(asked);
    const stored: StoredTakedown = { request, reason, at: new Date().toISOString() };
    await this.#bucket.put(portraitPath(portrait), JSON.stringify(stored));
    await this.#bucket.put(requestPrefix(request) + portrait, '');
    noneUntil = 0;
  }

  /** The takedown of a portrait; null where it was not taken down, or that was lifted. */
  async get(portrait: string): Promise<Takedown | null> {
    const object = await this.#bucket.get(portraitPath(portrait));
    return object ? { ...takedownSchema().parse(await object.json()), portrait } : null;
  }

  /** Lifts a takedown: equal requests are made again, unless another portrait of theirs is taken down. */
  async lift({ portrait, request }: Takedown): Promise<void> {
    await this.#bucket.delete(requestPrefix(request) + portrait);
    await this.#bucket.delete(portraitPath(portrait));
  }

  /** Why a request is not made: a portrait of an equal one was taken down. Null where none was. */
  async refuse(asked: Asked): Promise<PortraitError | null> {
    if (Date.now() < noneUntil) return null;
    if (!(await this.#any(REQUESTS))) {
      noneUntil = Date.now() + NONE_FOR_MS;
      return null;
    }
    if (!(await this.#any(requestPrefix(await requestDigest(asked))))) return null;
    return {
      code: 'content_filtered',
      stage: null,
      message: 'A portrait of an equal request was taken down.',
      action: 'Describe another person, or use another seed.',
    };
  }

  async #any(prefix: string): Promise<boolean> {
    return (await this.#bucket.list({ prefix, limit: 1 })).objects.length > 0;
  }
}
