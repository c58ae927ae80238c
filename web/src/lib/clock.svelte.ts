/** The present time as state: every relative time on the page moves with it. */
let now = $state.raw(new Date());

/** Seconds are never shown, so four steps a minute are enough. */
const STEP_MS = 15_000;

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) now = new Date();
  }, STEP_MS);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) now = new Date();
  });
}

export const clock = {
  get now(): Date {
    return now;
  },
};
