var e={name:`koa.js`,language:`js`,pieces:[[`c`,`// Save as log-center-koa.js beside report-error-node.mjs, and use it before all other middleware:
//   app.use(logCenter);
`],[`k`,`import `],[``,`{ randomUUID } `],[`k`,`from `],[`s`,`'node:crypto'`],[``,`;
`],[`k`,`import `],[``,`{ reportError } `],[`k`,`from `],[`s`,`'./report-error-node.mjs'`],[``,`;

`],[`c`,`/** Reports what becomes an answer of 500 and above, and leaves the answer to Koa. */
`],[`k`,`export async function `],[``,`logCenter(ctx, next) {
  `],[`k`,`try `],[``,`{
    `],[`k`,`await `],[``,`next();
  } `],[`k`,`catch `],[``,`(error) {
    `],[`k`,`if `],[``,`((error?.status ?? error?.statusCode ?? `],[`n`,`500`],[``,`) >= `],[`n`,`500`],[``,`) {
      reportError(error, {
        `],[`s`,`url`],[``,`: ctx.originalUrl,
        `],[`s`,`method`],[``,`: ctx.method,
        `],[`s`,`params`],[``,`: ctx.params,
        `],[`s`,`query`],[``,`: ctx.query,
        `],[`s`,`user_id`],[``,`: ctx.state.user?.id,
        `],[`s`,`request_id`],[``,`: ctx.get(`],[`s`,`'x-request-id'`],[``,`) || randomUUID(),
      });
    }
    `],[`k`,`throw`],[``,` error;
  }
}`]]};export{e as t};