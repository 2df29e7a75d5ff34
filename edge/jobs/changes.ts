import { isFinal, type Portrait, type PortraitEvent } from '../../shared/index.ts';

/** What an event tells. */
export type Change = PortraitEvent extends infer E
  ? E extends PortraitEvent
    ? Pick<E, 'type' | 'data'>
    : never
  : never;

/** The events that tell how a portrait became another, in the order to send them. Null: it is not, or not yet, there. */
export function changesBetween(before: Portrait | null, after: Portrait | null): Change[] {
  if (after === null) return [];
  if (before === null) {
    const created: Change = { type: 'portrait.created', data: after };
    return isFinal(after.status) ? [created, { type: 'portrait.finished', data: after }] : [created];
  }
  const shown = new Set(before.previews.map(({ name }) => name));
  const changes: Change[] = after.previews
    .filter(({ name }) => !shown.has(name))
    .map((data) => ({ type: 'portrait.preview', data }));
  const moved =
    before.status !== after.status ||
    before.progress.stage !== after.progress.stage ||
    before.warnings.length !== after.warnings.length;
  if (isFinal(after.status)) {
    if (!isFinal(before.status)) changes.push({ type: 'portrait.finished', data: after });
  } else if (moved) changes.push({ type: 'portrait.status', data: after });
  else if (JSON.stringify(before.progress) !== JSON.stringify(after.progress))
    changes.push({ type: 'portrait.progress', data: after.progress });
  return changes;
}
