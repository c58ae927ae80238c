// Svelte 5 and SvelteKit.

import { captureException, currentRequestId } from './api.js';

/** `<svelte:boundary onerror={reportBoundary}>` */
export function reportBoundary(error: unknown): void {
  captureException(error, { context: { mechanism: 'svelte:boundary' } });
  console.error(error);
}

interface KitInput {
  error: unknown;
  status?: number;
  message?: string;
  event?: {
    url?: { href?: string };
    route?: { id?: string | null };
    request?: { method?: string };
  };
}
type Shown = { message: string; requestId?: string | undefined };

/** `export const handleError = reportKitErrors();` in `hooks.client` and `hooks.server`. */
export function reportKitErrors(then?: (input: KitInput) => Shown | void | Promise<Shown | void>) {
  return (input: KitInput): Shown | void | Promise<Shown | void> => {
    const { error, status, event } = input;
    // A missing page is no error of the program.
    if (status === undefined || status >= 500) {
      const context = {
        ...(event?.url?.href && { url: event.url.href }),
        ...(event?.route?.id && { route: event.route.id }),
        ...(event?.request?.method && { method: event.request.method }),
      };
      captureException(error, { context });
      console.error(error);
    }
    if (then) return then(input);
    return { message: input.message ?? 'Error', requestId: currentRequestId() };
  };
}
