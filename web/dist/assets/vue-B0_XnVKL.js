var e={name:`vue.js`,language:`js`,pieces:[[`c`,`// Save as src/log-center.js beside report-error.js. In main.js:
//   createApp(App).use(logCenter).mount('#app');
`],[`k`,`import `],[``,`{ reportError } `],[`k`,`from `],[`s`,`'./report-error'`],[``,`;

`],[`k`,`export const`],[``,` logCenter = {
  install(app) {
    `],[`k`,`const`],[``,` previous = app.config.errorHandler;
    app.config.errorHandler = (error, instance, info) => {
      `],[`k`,`const `],[``,`{ name, __name } = instance?.$options ?? {};
      reportError(error, { `],[`s`,`component`],[``,`: name ?? __name, info });
      `],[`c`,`// A handler silences the console, so say it there as before.
      `],[`k`,`if `],[``,`(previous) previous(error, instance, info);
      `],[`k`,`else`],[``,` console.error(error);
    };
  },
};`]]};export{e as t};