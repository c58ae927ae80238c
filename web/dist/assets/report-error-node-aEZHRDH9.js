var e={name:`report-error-node.mjs`,language:`mjs`,pieces:[[`c`,`// Save as report-error-node.mjs beside your code and import it first of all:
//   import { reportError } from './report-error-node.mjs';
`],[`k`,`import `],[``,`{ isAbsolute, relative, sep } `],[`k`,`from `],[`s`,`'node:path'`],[``,`;
`],[`k`,`import `],[``,`{ fileURLToPath } `],[`k`,`from `],[`s`,`'node:url'`],[``,`;

`],[`k`,`const `],[`n`,`LOG_CENTER_URL `],[``,`= process.env.`],[`n`,`LOG_CENTER_URL `],[``,`|| `],[`s`,`'http://localhost:8002'`],[``,`;
`],[`k`,`const `],[`n`,`PROJECT `],[``,`= `],[`s`,`'my_project'`],[``,`;

`],[`k`,`const`],[``,` reported = `],[`k`,`new `],[``,`WeakSet();
`],[`k`,`let`],[``,` sending = `],[`n`,`0`],[``,`;

`],[`c`,`/** Reports an error; never rejects. The third argument sets fields of the report. */
`],[`k`,`export async function `],[``,`reportError(error, context = {}, { level = `],[`s`,`'ERROR'`],[``,`, ...known } = {}) {
  `],[`c`,`// What is more than 100 at once is dropped.
  `],[`k`,`if `],[``,`(reported.has(error) || sending >= `],[`n`,`100`],[``,`) `],[`k`,`return`],[``,`;
  `],[`k`,`if `],[``,`(Object(error) === error) reported.add(error);
  sending += `],[`n`,`1`],[``,`;
  `],[`k`,`try `],[``,`{
    `],[`k`,`const`],[``,` name = error?.name ?? `],[`s`,`'NonError'`],[``,`;
    `],[`k`,`const`],[``,` report = {
      `],[`s`,`project_id`],[``,`: `],[`n`,`PROJECT`],[``,`,
      `],[`s`,`environment`],[``,`: process.env.`],[`n`,`ENVIRONMENT `],[``,`|| `],[`s`,`'development'`],[``,`,
      `],[`s`,`version`],[``,`: process.env.`],[`n`,`APP_VERSION`],[``,`,
      level,
      `],[`s`,`error`],[``,`: {
        `],[`s`,`type`],[``,`: name === `],[`s`,`'Error' `],[``,`? (error.constructor?.name ?? name) : name,
        `],[`s`,`message`],[``,`: String(error?.message ?? toJson(error)).slice(`],[`n`,`0`],[``,`, `],[`n`,`8000`],[``,`),
        ...place(String(error?.stack ?? `],[`s`,`''`],[``,`)),
        `],[`s`,`stack_trace`],[``,`: String(error?.stack ?? `],[`s`,`''`],[``,`).split(`],[`s`,`'\\n'`],[``,`),
        ...known,
      },
    };
    `],[`k`,`await `],[``,`fetch(`],[`s`,"`${"],[`n`,`LOG_CENTER_URL`],[`s`,"}/api/v1/logs/report`"],[``,`, {
      `],[`s`,`method`],[``,`: `],[`s`,`'POST'`],[``,`,
      `],[`s`,`headers`],[``,`: { `],[`s`,`'Content-Type'`],[``,`: `],[`s`,`'application/json' `],[``,`},
      `],[`s`,`body`],[``,`: toJson({ ...report, context }) ?? toJson(report),
      `],[`s`,`signal`],[``,`: AbortSignal.timeout(`],[`n`,`3000`],[``,`),
    });
  } `],[`k`,`catch `],[``,`{
    `],[`c`,`// The application comes first.
  `],[``,`} `],[`k`,`finally `],[``,`{
    sending -= `],[`n`,`1`],[``,`;
  }
}

`],[`c`,`/** The innermost frame of your own code, relative to the folder the program was started in. */
`],[`k`,`function `],[``,`place(stack) {
  `],[`k`,`const`],[``,` pattern = `],[`s`,`/^\\s+at (?:.*? \\(|async )?(.+?):(\\d+):\\d+\\)?$/`],[``,`;
  `],[`k`,`const`],[``,` frames = stack.split(`],[`s`,`'\\n'`],[``,`).map((frame) => pattern.exec(frame) ?? []);
  `],[`k`,`const`],[``,` library = `],[`s`,`/node_modules|^node:|^<anonymous>|log-center-\\w+\\.js$/`],[``,`;
  `],[`k`,`const `],[``,`[, file = `],[`s`,`'unknown'`],[``,`, line = `],[`n`,`0`],[``,`] =
    frames.find(([, own]) => own && !library.test(own)) ?? frames.find(([, any]) => any) ?? [];
  `],[`k`,`const`],[``,` path = file.startsWith(`],[`s`,`'file:'`],[``,`) ? fileURLToPath(file) : file;
  `],[`k`,`const`],[``,` file_path = isAbsolute(path) ? relative(process.cwd(), path).split(sep).join(`],[`s`,`'/'`],[``,`) : path;
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

`],[`c`,`// Unhandled rejections come here too, as long as nobody listens for unhandledRejection.`],[``,`
process.on(`],[`s`,`'uncaughtException'`],[``,`, `],[`k`,`async `],[``,`(error, origin) => {
  console.error(error);
  `],[`k`,`await `],[``,`reportError(error, { origin }, { `],[`s`,`level`],[``,`: `],[`s`,`'CRITICAL' `],[``,`});
  `],[`c`,`// The program ends as it would have without this listener.
  `],[`k`,`if `],[``,`(process.listenerCount(`],[`s`,`'uncaughtException'`],[``,`) === `],[`n`,`1`],[``,`) process.exit(`],[`n`,`1`],[``,`);
});`]]};export{e as t};