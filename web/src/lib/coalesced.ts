/** Many nudges, few runs: at once, then at most one in each gap, and one after the last nudge. */
export interface Coalesced {
  nudge: () => void;
  stop: () => void;
}

export function coalesced(run: () => Promise<unknown>, gapMs: number): Coalesced {
  let busy = false;
  let again = false;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function go(): Promise<void> {
    busy = true;
    again = false;
    try {
      await run();
    } catch {
      // The next nudge tries again; the bar about the connection says what is wrong.
    }
    if (!stopped) timer = setTimeout(rested, gapMs);
  }

  function rested(): void {
    busy = false;
    if (again) void go();
  }

  return {
    nudge() {
      if (stopped) return;
      if (busy) again = true;
      else void go();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
