import { hostTensor, type HostTensor } from '../../gpu-functions/graph/index.ts';
import type { Attributes } from '../../gpu-functions/graph/value.ts';
import { valued, x, type Moved, type OperatorCase } from './case.ts';

const [T, B, I, H] = [4, 2, 3, 2];
const GATES = { RNN: 1, GRU: 3, LSTM: 4 } as const;
const small = (scale: number, ...shape: number[]): Moved =>
  valued(shape, (i) => scale * Math.sin(12.9898 * (i + 1) + shape.length));
const lengths: HostTensor = hostTensor([4, 2], [B], 'int32');

function layer(
  op: keyof typeof GATES,
  form: string,
  attributes: Attributes,
  more: OperatorCase['inputs'] = [],
): OperatorCase {
  const d = attributes.direction === 'bidirectional' ? 2 : 1;
  const k = GATES[op];
  return {
    op,
    form,
    inputs: [x(T, B, I), small(0.7, d, k * H, I), small(0.8, d, k * H, H), ...more],
    attributes: { hidden_size: H, ...attributes },
    outputs: op === 'LSTM' ? 3 : 2,
    second: form === 'bidirectional, initial state',
  };
}

const bias = (op: keyof typeof GATES, d: number): Moved => small(0.3, d, 2 * GATES[op] * H);

/** Recurrent layers. */
export const recurrentCases: OperatorCase[] = (['RNN', 'GRU', 'LSTM'] as const)
  .flatMap((op) => {
    const state = op === 'LSTM' ? [small(0.5, 2, B, H), small(0.6, 2, B, H)] : [small(0.5, 2, B, H)];
    return [
      layer(op, 'forward', {}, [bias(op, 1)]),
      layer(op, 'reverse, no bias', { direction: 'reverse' }),
      layer(op, 'bidirectional, initial state', { direction: 'bidirectional' }, [
        bias(op, 2),
        null,
        ...state,
      ]),
      layer(op, 'sequence lengths', { direction: 'bidirectional' }, [bias(op, 2), lengths]),
      layer(op, 'clip', { clip: { float: 0.53 } }, [bias(op, 1)]),
    ];
  })
  .concat([
    layer('GRU', 'linear_before_reset', { linear_before_reset: 1 }, [bias('GRU', 1)]),
    layer('RNN', 'Sigmoid', { activations: { strings: ['Sigmoid'] } }, [bias('RNN', 1)]),
    layer('LSTM', 'peepholes', {}, [
      bias('LSTM', 1),
      null,
      small(0.5, 1, B, H),
      small(0.6, 1, B, H),
      small(0.4, 1, 3 * H),
    ]),
  ]);
