/** For the sweep: what may have expired, without looking at what has not. */
export const indexFence = (schema: string): string => `create index saga_fence_created_at on ${schema}.saga_fence (created_at)`;
