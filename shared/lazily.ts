/**
 * A value that is made when it is first asked for. Schemas are: building them all costs more than everything else that a
 * worker does before its first answer, and most answers need few of them.
 */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => (made ??= make());
}
