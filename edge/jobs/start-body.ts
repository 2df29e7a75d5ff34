import {
  STAGE_INPUTS,
  stageParams,
  stagesFor,
  type Artifact,
  type Stage,
  type StageParams,
  type StartRun,
} from '../../shared/index.ts';
import { callbackSecret, signedCheckpoint, signedGet, signedPutTemplate } from '../artifacts/signed-url.ts';
import { workOf } from './canned.ts';
import { STAGE_DEADLINE_S } from './hearing.ts';
import type { Job } from './job.ts';

/** Signed URLs outlive the stage's deadline by this. */
const URL_MARGIN_S = 600;

/** An artifact and the run that made it. */
export type Input = Artifact & { run: string };

/** The input artifacts of a stage: of each name the newest that an earlier stage made. */
export function inputsOf(job: Job, stage: Stage): Record<string, Input> {
  const plan = stagesFor(job.request.quality);
  const earlier = plan.slice(0, plan.indexOf(stage)).toReversed();
  return Object.fromEntries(
    STAGE_INPUTS[stage].map((name) => {
      const maker = earlier.find((before) => job.finished[before]?.result.outputs[name]);
      if (!maker) throw new Error(`no stage before ${stage} made ${name}`);
      const { key, outputs } = job.finished[maker]!.result;
      return [name, { ...outputs[name]!, run: key }];
    }),
  );
}

/** What signing URLs takes. */
export interface Signer {
  origin: string;
  secret: string;
  now(): number;
}

/** The body that starts a stage's run for a job. `params` other than the request's own make a run on the side. */
export async function startBody(
  stage: Stage,
  key: string,
  job: Job,
  { origin, secret, now }: Signer,
  params: StageParams = stageParams(stage, workOf(job)),
): Promise<StartRun> {
  const exp = Math.ceil(now() / 1000) + STAGE_DEADLINE_S + URL_MARGIN_S;
  const inputs = await Promise.all(
    Object.entries(inputsOf(job, stage)).map(async ([name, { sha256, run }]) => [
      name,
      { sha256, url: await signedGet(origin, secret, run, sha256, exp) },
    ]),
  );
  return {
    stage,
    version: job.model!.versions[stage]!,
    model: { profile: job.model!.profile, digest: job.model!.digest },
    params: { ...params },
    inputs: Object.fromEntries(inputs),
    upload: { url_template: await signedPutTemplate(origin, secret, key, exp) },
    checkpoint: await signedCheckpoint(origin, secret, key, exp),
    callback: { url: `${origin}/internal/callbacks/${job.id}`, secret: await callbackSecret(secret, job.id) },
    owner: job.id,
    deadline_s: STAGE_DEADLINE_S,
  };
}
