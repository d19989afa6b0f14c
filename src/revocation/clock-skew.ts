/** How far the clock of an authority may be ahead of ours. */
export const skewMs: number = 60_000;
