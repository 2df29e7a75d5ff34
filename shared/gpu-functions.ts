import * as z from 'zod';
import { lazily } from './lazily.ts';
import table from './gpu-functions.json' with { type: 'json' };
import { stageSchema } from './stages.ts';

/** What one stage's GPU function is given. */
const gpuFunctionSchema = lazily(() =>
  z.strictObject({
    /** GPU as Modal names it. */
    gpu: z.string().regex(/^[A-Z0-9]+(-\d+GB)?(:\d)?$/),
    /** CPU cores. */
    cpu: z.number().positive(),
    memory_mib: z.int().min(1024),
    /** Seconds after which a call is ended. */
    timeout_s: z.int().min(60).max(86_400),
    /** Containers at a time, each working on one run: also how many portraits may work at the stage at once. */
    max_containers: z.int().min(1),
    /** Seconds that a container without work is kept warm. */
    idle_s: z.int().min(2).max(1200),
  }),
);
export type GpuFunction = z.output<ReturnType<typeof gpuFunctionSchema>>;

/**
 * One GPU function a stage: the one table (gpu-functions.json) that the Modal deployment, the gateway and the queue at
 * each stage read.
 */
export const gpuFunctions = lazily(() => z.record(stageSchema(), gpuFunctionSchema()).parse(table));
