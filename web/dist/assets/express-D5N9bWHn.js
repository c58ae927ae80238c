var e={name:`express.js`,language:`js`,pieces:[[`c`,`// Save as log-center-express.js beside report-error-node.mjs, and use it after all your routes:
//   app.use(logCenter);
`],[`k`,`import `],[``,`{ randomUUID } `],[`k`,`from `],[`s`,`'node:crypto'`],[``,`;
`],[`k`,`import `],[``,`{ reportError } `],[`k`,`from `],[`s`,`'./report-error-node.mjs'`],[``,`;

`],[`c`,`/** Reports what becomes an answer of 500 and above; whoever answers it does so as before. */
`],[`k`,`export function `],[``,`logCenter(error, req, res, next) {
  `],[`k`,`const`],[``,` status = error?.status ?? error?.statusCode ?? `],[`n`,`500`],[``,`;
  `],[`k`,`if `],[``,`(status >= `],[`n`,`500`],[``,`) {
    reportError(error, {
      `],[`s`,`url`],[``,`: req.originalUrl,
      `],[`s`,`method`],[``,`: req.method,
      `],[`s`,`params`],[``,`: req.query,
      `],[`s`,`view`],[``,`: req.route?.path,
      `],[`s`,`user_id`],[``,`: req.user?.id,
      `],[`s`,`request_id`],[``,`: req.get(`],[`s`,`'x-request-id'`],[``,`) || randomUUID(),
    });
  }
  next(error);
}`]]};export{e as t};