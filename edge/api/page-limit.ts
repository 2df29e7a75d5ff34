import * as z from 'zod';

const MOST = 100;
const error = `must be a whole number from 1 to ${MOST}`;

/** The query parameter `limit` of a list: how many a page holds. */
export const pageLimit = (usual: number) =>
  z.coerce.number(error).int(error).min(1, error).max(MOST, error).default(usual);
