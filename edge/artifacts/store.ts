import { sha256Schema, stageResultSchema, type StageResult } from '../../shared/index.ts';
import * as z from 'zod';

/** Where things lie in the bucket. */
export const artifactPath = (sha256: string) => `artifacts/${sha256}`;
const stagePath = (key: string) => `stages/${key}.json`;
const portraitPath = (digest: string) => `portraits/${digest}.json`;
const modelPath = (profile: string) => `models/${profile}.json`;

const modelSchema = z.object({
  profile: z.string(),
  digest: z.string(),
  versions: z.record(z.string(), z.number()),
});

async function readJson<T>(bucket: R2Bucket, path: string, schema: z.ZodType<T>): Promise<T | null> {
  const object = await bucket.get(path);
  return object ? (schema.safeParse(await object.json()).data ?? null) : null;
}

async function writeJson(bucket: R2Bucket, path: string, value: unknown): Promise<void> {
  await bucket.put(path, JSON.stringify(value), { httpMetadata: { contentType: 'application/json' } });
}

/** Which of these outputs the bucket does not hold (or holds with another size). */
export async function missingOutputs(bucket: R2Bucket, result: StageResult): Promise<string[]> {
  const heads = await Promise.all(
    Object.entries(result.outputs).map(async ([name, { sha256, size }]) => {
      const head = await bucket.head(artifactPath(sha256));
      return head?.size === size ? null : name;
    }),
  );
  return heads.filter((name) => name !== null);
}

/** The recorded result of a stage key, if every one of its artifacts is still there. */
export async function readStage(bucket: R2Bucket, key: string): Promise<StageResult | null> {
  const result = await readJson(bucket, stagePath(key), stageResultSchema);
  if (!result || (await missingOutputs(bucket, result)).length > 0) return null;
  return result;
}

/** Records a stage's result under its key. */
export function writeStage(bucket: R2Bucket, result: StageResult): Promise<void> {
  return writeJson(bucket, stagePath(result.key), result);
}

/** The results of every stage of an equal, finished portrait, if all are still there. */
export async function readPortrait(bucket: R2Bucket, digest: string): Promise<StageResult[] | null> {
  const keys = await readJson(bucket, portraitPath(digest), z.array(sha256Schema));
  if (!keys) return null;
  const results = await Promise.all(keys.map((key) => readStage(bucket, key)));
  return results.every((result) => result !== null) ? results : null;
}

/** Records the stage keys of a finished portrait under the digest of its request and model. */
export function writePortrait(bucket: R2Bucket, digest: string, keys: readonly string[]): Promise<void> {
  return writeJson(bucket, portraitPath(digest), keys);
}

/** The weights last seen loaded for a profile: good enough to find results while the stage server is away. */
export function readModel(bucket: R2Bucket, profile: string) {
  return readJson(bucket, modelPath(profile), modelSchema);
}

/** Remembers the weights seen loaded. */
export function writeModel(bucket: R2Bucket, model: z.output<typeof modelSchema>): Promise<void> {
  return writeJson(bucket, modelPath(model.profile), model);
}
