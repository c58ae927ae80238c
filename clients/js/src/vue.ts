// Vue 3: a plugin, `app.use(logCenterVue)`.

import { captureException } from './api.js';

type Handler = (error: unknown, instance: unknown, info: string) => void;
interface VueApp {
  config: { errorHandler?: any };
}

interface Instance {
  $options?: { name?: string; __name?: string };
  $route?: { fullPath?: string };
}

/** Reports what Vue catches; the handler that was there before is called as well. */
export const logCenterVue = {
  install(app: VueApp): void {
    const before = app.config.errorHandler as Handler | undefined;
    app.config.errorHandler = ((error, instance, info) => {
      const { $options, $route } = (instance ?? {}) as Instance;
      const component = $options?.name ?? $options?.__name;
      captureException(error, {
        context: {
          hook: info,
          ...(component && { component }),
          ...($route?.fullPath && { view: $route.fullPath }),
        },
      });
      // A handler silences Vue's own line on the console.
      if (before) before(error, instance, info);
      else console.error(error);
    }) satisfies Handler;
  },
};
