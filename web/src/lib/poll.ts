/** Asks again at an interval while the page is visible; at once when it becomes visible. */
export function poll(ask: () => Promise<unknown>, everyMs: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let asking = false;

  function plan(): void {
    clearTimeout(timer);
    if (!stopped && !document.hidden) timer = setTimeout(run, everyMs);
  }

  async function run(): Promise<void> {
    if (asking || stopped) return;
    asking = true;
    try {
      await ask();
    } catch {
      // The next round asks again; the bar about the connection says what is wrong.
    }
    asking = false;
    plan();
  }

  function changed(): void {
    if (document.hidden) clearTimeout(timer);
    else void run();
  }

  document.addEventListener('visibilitychange', changed);
  plan();
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', changed);
  };
}
