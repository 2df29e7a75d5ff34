import { describe, expect, it } from 'vitest';
import type { Principal } from '../../edge/accounts/index.ts';
import { isGone } from '../../edge/jobs/phases.ts';
import type { PortraitRequest } from '../../shared/index.ts';
import { Chance } from './chance.ts';
import { creditsOf } from './store-models.ts';
import { World } from './world.ts';

const SCHEDULES = 500;
const STEPS = 250;
const DAY_MS = 24 * 3_600_000;

const principal = (account: string): Principal => ({
  account,
  key: `key_${account}`,
  scopes: [],
  mode: 'live',
  limits: { concurrency: 100, requestsPerMinute: 600 },
});
/** One account can pay for everything, the other runs out. */
const CREDITS = { rich: 10_000, poor: 12 };

function randomRequest(chance: Chance): PortraitRequest {
  return {
    // Few, so that jobs share runs and results.
    prompt: chance.pick(['an old man', 'a young woman']),
    negative_prompt: '',
    seed: 1,
    quality: chance.pick(['draft', 'draft', 'standard']),
    profile: 'mini',
    candidates: 4,
    outputs: chance.pick([['front'], ['front', 'glb']]),
  };
}

/** One thing that happens in a world of trouble. */
async function happen(world: World, chance: Chance): Promise<void> {
  const ids = [...world.jobs.keys()];
  const at = () => world.clock();
  const what = chance.weighted({
    work: 40,
    step: 25,
    callback: 12,
    time: 10,
    create: ids.length < 8 ? 6 : 0,
    cancel: 2,
    remove: 1,
    view: 1,
    restart: 1,
    weights: 0.3,
    sweep: 2,
    pools: 2,
  });
  if (what === 'create') world.create(principal(chance.pick(['rich', 'poor'])), randomRequest(chance));
  else if (what === 'step') world.stageServer.step();
  else if (what === 'callback') world.deliver();
  else if (what === 'time') world.now += chance.happens(0.03) ? 600_000 : chance.between(100, 20_000);
  else if (what === 'restart') world.stageServer.restart();
  else if (what === 'weights') world.stageServer.digest = chance.pick(['weights-1', 'weights-2']);
  else if (what === 'sweep') world.sweep();
  else if (what === 'pools') world.checkPools();
  else if (ids.length > 0) {
    const id = chance.pick(ids);
    if (what === 'work') await world.work(id);
    // Thrice, as impatient people do.
    else if (what === 'cancel') for (let i = 0; i < 3; i++) world.tell(id, { type: 'CANCEL', at: at() });
    else if (what === 'remove') world.tell(id, { type: 'DELETE', at: at() });
    else {
      const run = `view of ${id}`;
      world.tell(id, { type: 'HOLD', at: at(), key: run });
      world.runs.upload(run, 'view');
    }
  }
}

/** Trouble ends, and everything comes to its end. */
async function comeToRest(world: World): Promise<void> {
  world.unruly = false;
  world.stageServer.unruly = false;
  for (let turn = 0; world.unfinished().length > 0; turn++) {
    if (turn > 5_000)
      throw new Error(
        `never comes to rest: ${world.unfinished().map((id) => JSON.stringify(world.load(id)?.phase))}`,
      );
    for (const id of world.jobs.keys()) await world.work(id);
    world.stageServer.step();
    world.deliver();
    if (turn % 20 === 0) world.checkPools();
    const dues = [...world.jobs.keys()].map((id) => world.dueAt(id)).filter((due) => due !== null);
    // While the stage server works, time passes slowly.
    if (world.stageServer.busy) world.now += 200;
    else world.now = Math.max(world.now, Math.min(...dues, world.now + 60_000));
  }
  world.checkPools();
  world.sweep();
}

/** What holds at every moment: the books are right, and nothing is missing of what portraits show. */
function checkAlways(world: World): void {
  checkLedgers(world);
  checkArtifacts(world);
}

function checkLedgers(world: World): void {
  for (const [account, { balances }] of world.ledgers) {
    const sum = Object.values(balances).reduce((total, amount) => total + amount, 0);
    if (sum !== 0 || balances.available < 0)
      throw new Error(`ledger of ${account}: ${JSON.stringify(balances)}`);
  }
}

function checkArtifacts(world: World): void {
  for (const id of world.succeeded.keys()) {
    const job = world.load(id);
    if (!job || isGone(job)) continue;
    for (const { result } of Object.values(job.finished))
      for (const { sha256 } of Object.values(result.outputs))
        if (!world.runs.bucket.has(`${result.key}/${sha256}`)) throw new Error(`${id} lost ${sha256}`);
  }
}

/** What holds once everything has come to its end. */
function checkEnded(world: World): void {
  for (const { holds } of world.ledgers.values())
    for (const { portrait, status, charged } of holds.values()) {
      const made = world.succeeded.get(portrait);
      expect([portrait, status, charged]).toEqual(
        made ? [portrait, 'settled', creditsOf(made)] : [portrait, 'released', 0],
      );
    }
  for (const id of world.succeeded.keys())
    expect([...world.ledgers.values()].some(({ holds }) => holds.has(id))).toBe(true);
  for (const queue of world.pools.values())
    expect([queue.state.places, queue.state.waiting]).toEqual([[], []]);
  const live = [...world.jobs.keys()].filter((id) => !isGone(world.load(id)!));
  expect([...world.listed.keys()].toSorted()).toEqual(live.toSorted());
  for (const id of live) {
    const { phase, error } = world.load(id)!;
    expect(world.listed.get(id)).toBe(phase.name);
    // Nothing takes a day here: a job that its deadline ended was stuck.
    expect(error?.code).not.toBe('deadline_exceeded');
  }
  for (const path of world.runs.bucket) {
    const holders = [...world.runs.holders(path.split('/')[0]!)];
    expect(
      holders.some((id) => live.includes(id)),
      path,
    ).toBe(true);
  }
}

/** One schedule, from its seed. */
async function run(seed: number): Promise<{ succeeded: number; accepted: number }> {
  const chance = new Chance(seed);
  const world = new World(chance, CREDITS);
  for (let step = 0; step < STEPS; step++) {
    const before = [world.runs.deleted, world.succeeded.size];
    await happen(world, chance);
    checkLedgers(world);
    // Only a deletion can take an artifact away, and only a success can show one that is missing.
    if (world.runs.deleted !== before[0] || world.succeeded.size !== before[1]) checkArtifacts(world);
  }
  await comeToRest(world);
  checkAlways(world);
  checkEnded(world);
  const counts = { succeeded: world.succeeded.size, accepted: world.accepted.size };
  // A month later everything has expired, and nothing is left of it.
  world.now += 31 * DAY_MS;
  await comeToRest(world);
  for (const id of world.jobs.keys()) while (world.jobs.has(id)) await world.work(id);
  world.sweep();
  expect([world.jobs.size, world.listed.size, world.runs.bucket.size, world.runs.runs.length]).toEqual([
    0, 0, 0, 0,
  ]);
  return counts;
}

describe('random faults', () => {
  it(`lose no job, charge none twice or for nothing, and orphan no artifact, over ${SCHEDULES} schedules`, async () => {
    let [succeeded, accepted] = [0, 0];
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const counts = await run(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      });
      succeeded += counts.succeeded;
      accepted += counts.accepted;
    }
    // The schedules are hard, and yet most portraits are made.
    expect(succeeded).toBeGreaterThan(accepted / 4);
  }, 1_800_000);
});
