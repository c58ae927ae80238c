var e={name:`report-error.js`,language:`js`,pieces:[[`c`,`// Save as src/report-error.js and import it first of all in main.js:
//   import './report-error.js';
`],[`k`,`const `],[`n`,`LOG_CENTER_URL `],[``,`= `],[`s`,`'http://localhost:8002'`],[``,`;
`],[`k`,`const `],[`n`,`PROJECT `],[``,`= `],[`s`,`'my_project'`],[``,`;
`],[`k`,`const `],[`n`,`LOCAL `],[``,`= [`],[`s`,`'localhost'`],[``,`, `],[`s`,`'127.0.0.1'`],[``,`].includes(location.hostname);
`],[`k`,`const `],[`n`,`ENVIRONMENT `],[``,`= `],[`n`,`LOCAL `],[``,`? `],[`s`,`'development' `],[``,`: `],[`s`,`'production'`],[``,`;

`],[`k`,`const`],[``,` reported = `],[`k`,`new `],[``,`WeakSet();
`],[`k`,`let`],[``,` left = `],[`n`,`100`],[``,`; `],[`c`,`// reports of one page, so that an endless loop of errors stays bounded

/** Reports an error; never throws, never waits. The third argument sets fields of the report. */
`],[`k`,`export function `],[``,`reportError(error, context = {}, { level = `],[`s`,`'ERROR'`],[``,`, ...known } = {}) {
  `],[`k`,`try `],[``,`{
    `],[`k`,`if `],[``,`(Object(error) === error) {
      `],[`k`,`if `],[``,`(reported.has(error)) `],[`k`,`return`],[``,`;
      reported.add(error);
    }
    `],[`k`,`if `],[``,`((left -= `],[`n`,`1`],[``,`) < `],[`n`,`0`],[``,`) `],[`k`,`return`],[``,`;
    `],[`k`,`const `],[``,`{ name = `],[`s`,`'NonError'`],[``,`, message, stack = `],[`s`,`'' `],[``,`} = Object(error);
    `],[`k`,`const`],[``,` report = {
      `],[`s`,`project_id`],[``,`: `],[`n`,`PROJECT`],[``,`,
      `],[`s`,`environment`],[``,`: `],[`n`,`ENVIRONMENT`],[``,`,
      level,
      `],[`s`,`error`],[``,`: {
        `],[`s`,`type`],[``,`: String(name),
        `],[`s`,`message`],[``,`: String(message ?? toJson(error)).slice(`],[`n`,`0`],[``,`, `],[`n`,`8000`],[``,`),
        ...place(String(stack)),
        `],[`s`,`stack_trace`],[``,`: String(stack).slice(`],[`n`,`0`],[``,`, `],[`n`,`20000`],[``,`).split(`],[`s`,`'\\n'`],[``,`),
        ...known,
      },
    };
    `],[`k`,`const`],[``,` request = { `],[`s`,`url`],[``,`: location.href, `],[`s`,`userAgent`],[``,`: navigator.userAgent };
    send({ ...report, `],[`s`,`context`],[``,`: { ...request, ...context } }, { ...report, `],[`s`,`context`],[``,`: request });
  } `],[`k`,`catch `],[``,`{
    `],[`c`,`// The page comes first.
  `],[``,`}
}

`],[`k`,`function `],[``,`send(whole, short) {
  `],[`k`,`const`],[``,` url = `],[`s`,"`${"],[`n`,`LOG_CENTER_URL`],[`s`,"}/api/v1/logs/report`"],[``,`;
  `],[`k`,`let`],[``,` body = toJson(whole);
  `],[`c`,`// Browsers take 64 KiB of what shall outlive the page: then without its context.
  `],[`k`,`if `],[``,`(!body || `],[`k`,`new `],[``,`Blob([body]).size > `],[`n`,`60000`],[``,`) body = toJson(short);
  `],[`k`,`if `],[``,`(!navigator.sendBeacon?.(url, body)) {
    `],[`k`,`const`],[``,` request = { `],[`s`,`method`],[``,`: `],[`s`,`'POST'`],[``,`, body, `],[`s`,`keepalive`],[``,`: `],[`k`,`true`],[``,`, `],[`s`,`credentials`],[``,`: `],[`s`,`'omit' `],[``,`};
    fetch(url, { ...request, `],[`s`,`signal`],[``,`: AbortSignal.timeout?.(`],[`n`,`3000`],[``,`) }).catch(() => {});
  }
}

`],[`c`,`/** The innermost frame of your own code: "at name (url:line:column)" or "name@url:line:column". */
`],[`k`,`function `],[``,`place(stack) {
  `],[`k`,`const`],[``,` pattern = `],[`s`,`/(?:\\(|@|at )([^()@\\s]+:\\/\\/.+?):(\\d+):\\d+\\)?$/`],[``,`;
  `],[`k`,`const`],[``,` frames = stack.split(`],[`s`,`'\\n'`],[``,`).map((line) => pattern.exec(line.trim()) ?? []);
  `],[`k`,`const`],[``,` library = `],[`s`,`/node_modules|\\/@vite\\/|-extension:/`],[``,`;
  `],[`k`,`const `],[``,`[, url = `],[`s`,`'unknown'`],[``,`, line = `],[`n`,`0`],[``,`] =
    frames.find(([, url]) => url && !library.test(url)) ?? frames.find(([, url]) => url) ?? [];
  `],[`c`,`// Without origin, query and the hash of a build, it is the same on every machine.
  `],[`k`,`const`],[``,` file_path = url
    .replace(location.origin, `],[`s`,`''`],[``,`)
    .replace(`],[`s`,`/[?#].*/`],[``,`, `],[`s`,`''`],[``,`)
    .replace(`],[`s`,`/[-.](?=[\\w-]*[\\dA-Z])[\\w-]{8}(?=\\.m?js$)/`],[``,`, `],[`s`,`''`],[``,`);
  `],[`k`,`return `],[``,`{ file_path, `],[`s`,`line_number`],[``,`: Number(line) };
}

`],[`c`,`/** JSON whatever the value; undefined when it cannot even be read. */
`],[`k`,`function `],[``,`toJson(value) {
  `],[`k`,`const`],[``,` seen = `],[`k`,`new `],[``,`WeakSet();
  `],[`k`,`try `],[``,`{
    `],[`k`,`return `],[`n`,`JSON`],[``,`.stringify(value, (_key, inner) => {
      `],[`k`,`if `],[``,`(`],[`k`,`typeof`],[``,` inner === `],[`s`,`'bigint' `],[``,`|| inner `],[`k`,`instanceof `],[``,`Error) `],[`k`,`return `],[``,`String(inner);
      `],[`k`,`if `],[``,`(Object(inner) !== inner) `],[`k`,`return`],[``,` inner;
      `],[`k`,`if `],[``,`(seen.has(inner)) `],[`k`,`return `],[`s`,`'[seen above]'`],[``,`;
      seen.add(inner);
      `],[`k`,`return`],[``,` inner;
    });
  } `],[`k`,`catch `],[``,`{
    `],[`k`,`return undefined`],[``,`;
  }
}

addEventListener(`],[`s`,`'error'`],[``,`, ({ error, message, filename, lineno }) => {
  `],[`c`,`// A script of another origin tells nothing, and this warning of browsers harms nobody.
  `],[`k`,`if `],[``,`(`],[`s`,`/^Script error|^ResizeObserver loop/`],[``,`.test(message)) `],[`k`,`return`],[``,`;
  reportError(error ?? { `],[`s`,`name`],[``,`: `],[`s`,`'Error'`],[``,`, message, `],[`s`,`stack`],[``,`: `],[`s`,"`@${filename}:${lineno}:0` "],[``,`});
});
addEventListener(`],[`s`,`'unhandledrejection'`],[``,`, ({ reason }) => reportError(reason));`]]};export{e as t};