var e={name:`axios.js`,language:`js`,pieces:[[`c`,`// Save as src/log-center-axios.js beside report-error.js, and call it once for each client:
//   reportFailures(axios);
`],[`k`,`import `],[``,`{ reportError } `],[`k`,`from `],[`s`,`'./report-error'`],[``,`;

`],[`c`,`/** Reports answers of 500 and above, time-outs and lost connections; not 4xx, not the cancelled. */
`],[`k`,`export function `],[``,`reportFailures(client) {
  client.interceptors.response.use(`],[`k`,`undefined`],[``,`, (error) => {
    `],[`k`,`try `],[``,`{
      report(client, error);
    } `],[`k`,`catch `],[``,`{
      `],[`c`,`// The page comes first.
    `],[``,`}
    `],[`k`,`return`],[``,` Promise.reject(error);
  });
}

`],[`k`,`function `],[``,`report(client, error) {
  `],[`k`,`const `],[``,`{ config = {}, response } = error;
  `],[`k`,`const`],[``,` timedOut = config.signal?.reason?.name === `],[`s`,`'TimeoutError'`],[``,`;
  `],[`k`,`if `],[``,`(response?.status < `],[`n`,`500 `],[``,`|| (error.code === `],[`s`,`'ERR_CANCELED' `],[``,`&& !timedOut)) `],[`k`,`return`],[``,`;

  `],[`k`,`const `],[``,`{ pathname } = `],[`k`,`new `],[``,`URL(client.getUri(config), location.href);
  `],[`c`,`// Without its numbers, or every order would be an issue of its own.
  `],[`k`,`const`],[``,` path = pathname.replace(`],[`s`,`/\\/(\\d+|[\\da-f]{8}-[\\da-f-]{27})(?=\\/|$)/gi`],[``,`, `],[`s`,`'/:id'`],[``,`);
  `],[`k`,`const`],[``,` method = (config.method ?? `],[`s`,`'get'`],[``,`).toUpperCase();
  `],[`k`,`const`],[``,` late = timedOut || [`],[`s`,`'ECONNABORTED'`],[``,`, `],[`s`,`'ETIMEDOUT'`],[``,`].includes(error.code);
  `],[`k`,`const`],[``,` code = late ? `],[`s`,`'RequestTimeoutError' `],[``,`: `],[`s`,`'RequestError'`],[``,`;
  `],[`k`,`const`],[``,` status = response?.status;
  `],[`k`,`const`],[``,` request_id = response?.headers?.[`],[`s`,`'x-request-id'`],[``,`];
  reportError(
    error,
    { `],[`s`,`url`],[``,`: pathname, method, status, `],[`s`,`params`],[``,`: config.params, request_id },
    { `],[`s`,`type`],[``,`: `],[`s`,`'AxiosError'`],[``,`, code, `],[`s`,`file_path`],[``,`: `],[`s`,"`${method} ${path}`"],[``,`, `],[`s`,`line_number`],[``,`: `],[`n`,`0 `],[``,`},
  );
}`]]};export{e as t};