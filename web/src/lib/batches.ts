/** Many ids in as many questions as the server wants them in. Pure. */

/** The server's own limit of a bulk change. */
export const BULK_MAX = 500;

export function batched(ids: readonly number[]): number[][] {
  const batches: number[][] = [];
  for (let at = 0; at < ids.length; at += BULK_MAX) batches.push(ids.slice(at, at + BULK_MAX));
  return batches;
}
