// Save as src/log-center.js beside report-error.js. In main.js:
//   createApp(App).use(logCenter).mount('#app');
import { reportError } from './report-error';

export const logCenter = {
  install(app) {
    const previous = app.config.errorHandler;
    app.config.errorHandler = (error, instance, info) => {
      const { name, __name } = instance?.$options ?? {};
      reportError(error, { component: name ?? __name, info });
      // A handler silences the console, so say it there as before.
      if (previous) previous(error, instance, info);
      else console.error(error);
    };
  },
};
