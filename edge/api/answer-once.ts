import type { PortraitDirectory } from '../jobs/directory.ts';
import type { Answer } from '../jobs/idempotency.ts';
import { newId } from '../ids.ts';
import { ProblemError } from './problem-error.ts';

/** A claim outlives the longest that answering should take by this. */
const LOCK_MARGIN_MS = 30_000;

/**
 * Answers a request with an Idempotency-Key: the first is answered by `make`, its repeats with the very same answer. One
 * that came to nothing (a problem, a crash) may be sent again, and finds the portrait that the first had begun, if any.
 *
 * @throws ProblemError idempotency_key_reused for another request, idempotency_key_in_use while the first is answered.
 */
export async function answerOnce(
  directory: Pick<DurableObjectStub<PortraitDirectory>, 'claim' | 'answered' | 'unanswered'>,
  key: string,
  digest: string,
  waitS: number,
  make: (id: string) => Promise<Answer>,
): Promise<Answer> {
  const claim = await directory.claim(key, digest, newId('prt'), waitS * 1000 + LOCK_MARGIN_MS);
  switch (claim.kind) {
    case 'conflict':
      throw new ProblemError('idempotency_key_reused', `The key ${key} belongs to another request.`);
    case 'in_use':
      throw new ProblemError('idempotency_key_in_use', `A request with the key ${key} is being answered.`, {
        headers: { 'retry-after': String(Math.min(Math.ceil(claim.retryAfterMs / 1000), 5)) },
      });
    case 'answered': {
      const { status, headers, body } = claim.answer;
      return { status, headers: { ...headers, 'idempotent-replayed': 'true' }, body };
    }
    case 'claimed':
      try {
        const answer = await make(claim.id);
        await directory.answered(key, answer);
        return answer;
      } catch (error) {
        await directory.unanswered(key);
        throw error;
      }
  }
}
