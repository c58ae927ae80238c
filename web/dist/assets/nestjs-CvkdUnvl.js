var e={name:`nestjs.ts`,language:`ts`,pieces:[[`c`,`// Save as src/log-center.filter.ts, and add it to the providers of AppModule (HTTP and GraphQL):
//   { provide: APP_FILTER, useClass: LogCenterFilter }
`],[`k`,`import `],[``,`{ randomUUID } `],[`k`,`from `],[`s`,`'node:crypto'`],[``,`;
`],[`k`,`import `],[``,`{ isAbsolute, relative, sep } `],[`k`,`from `],[`s`,`'node:path'`],[``,`;
`],[`k`,`import `],[``,`{ fileURLToPath } `],[`k`,`from `],[`s`,`'node:url'`],[``,`;
`],[`k`,`import `],[``,`{ `],[`k`,`type `],[``,`ArgumentsHost, Catch } `],[`k`,`from `],[`s`,`'@nestjs/common'`],[``,`;
`],[`k`,`import `],[``,`{ BaseExceptionFilter } `],[`k`,`from `],[`s`,`'@nestjs/core'`],[``,`;

`],[`k`,`const `],[`n`,`LOG_CENTER_URL `],[``,`= process.env.`],[`n`,`LOG_CENTER_URL `],[``,`|| `],[`s`,`'http://localhost:8002'`],[``,`;
`],[`k`,`const `],[`n`,`PROJECT `],[``,`= `],[`s`,`'my_project'`],[``,`;

`],[`k`,`const`],[``,` reported = `],[`k`,`new `],[``,`WeakSet<object>();
`],[`k`,`let`],[``,` sending = `],[`n`,`0`],[``,`;

@Catch()
`],[`k`,`export class `],[``,`LogCenterFilter `],[`k`,`extends `],[``,`BaseExceptionFilter {
  `],[`c`,`// Not async: Nest takes a promise for an answer.`],[``,`
  override catch(exception: unknown, host: ArgumentsHost): unknown {
    `],[`k`,`const `],[``,`{ getStatus, statusCode } = Object(exception);
    `],[`k`,`const`],[``,` status = `],[`k`,`typeof`],[``,` getStatus === `],[`s`,`'function' `],[``,`? getStatus.call(exception) : statusCode;
    `],[`k`,`const`],[``,` isHttp = host.getType() === `],[`s`,`'http'`],[``,`;
    `],[`k`,`if `],[``,`((status ?? `],[`n`,`500`],[``,`) >= `],[`n`,`500`],[``,`) {
      `],[`k`,`void `],[``,`reportError(exception, isHttp ? requestContext(host) : { view: host.getType() });
    }
    `],[`k`,`return`],[``,` isHttp ? `],[`k`,`super`],[``,`.catch(exception, host) : exception;
  }
}

`],[`k`,`function `],[``,`requestContext(host: ArgumentsHost): Record<string, unknown> {
  `],[`k`,`const`],[``,` request = host.switchToHttp().getRequest();
  `],[`k`,`return `],[``,`{
    url: request.originalUrl ?? request.url,
    method: request.method,
    params: request.params,
    query: request.query,
    user_id: request.user?.id,
    request_id: request.headers[`],[`s`,`'x-request-id'`],[``,`] || randomUUID(),
  };
}

`],[`c`,`/** Reports an error. The promise never rejects, and nobody has to wait for it. */
`],[`k`,`export async function `],[``,`reportError(error: unknown, context: object = {}, { level = `],[`s`,`'ERROR' `],[``,`} = {}) {
  `],[`c`,`// What is more than 100 at once is dropped.
  `],[`k`,`if `],[``,`(reported.has(error `],[`k`,`as`],[``,` object) || sending >= `],[`n`,`100`],[``,`) `],[`k`,`return`],[``,`;
  `],[`k`,`if `],[``,`(Object(error) === error) reported.add(error `],[`k`,`as`],[``,` object);
  sending += `],[`n`,`1`],[``,`;
  `],[`k`,`try `],[``,`{
    `],[`k`,`const `],[``,`{ name, message, stack, constructor } = Object(error);
    `],[`k`,`const`],[``,` report = {
      project_id: `],[`n`,`PROJECT`],[``,`,
      environment: process.env.`],[`n`,`ENVIRONMENT `],[``,`|| `],[`s`,`'development'`],[``,`,
      version: process.env.`],[`n`,`APP_VERSION`],[``,`,
      level,
      error: {
        type: name === `],[`s`,`'Error' `],[``,`? constructor.name : (name ?? `],[`s`,`'NonError'`],[``,`),
        message: String(message ?? toJson(error)).slice(`],[`n`,`0`],[``,`, `],[`n`,`8000`],[``,`),
        ...place(String(stack ?? `],[`s`,`''`],[``,`)),
        stack_trace: String(stack ?? `],[`s`,`''`],[``,`).split(`],[`s`,`'\\n'`],[``,`),
      },
    };
    `],[`k`,`await `],[``,`fetch(`],[`s`,"`${"],[`n`,`LOG_CENTER_URL`],[`s`,"}/api/v1/logs/report`"],[``,`, {
      method: `],[`s`,`'POST'`],[``,`,
      headers: { `],[`s`,`'Content-Type'`],[``,`: `],[`s`,`'application/json' `],[``,`},
      body: toJson({ ...report, context }) ?? toJson(report),
      signal: AbortSignal.timeout(`],[`n`,`3000`],[``,`),
    });
  } `],[`k`,`catch `],[``,`{
    `],[`c`,`// The application comes first.
  `],[``,`} `],[`k`,`finally `],[``,`{
    sending -= `],[`n`,`1`],[``,`;
  }
}

`],[`c`,`/** The innermost frame of your own code, relative to the folder the program was started in. */
`],[`k`,`function `],[``,`place(stack: string) {
  `],[`k`,`const`],[``,` pattern = `],[`s`,`/^\\s+at (?:.*? \\(|async )?(.+?):(\\d+):\\d+\\)?$/`],[``,`;
  `],[`k`,`const`],[``,` frames = stack.split(`],[`s`,`'\\n'`],[``,`).map((frame) => pattern.exec(frame) ?? []);
  `],[`k`,`const`],[``,` library = `],[`s`,`/node_modules|^node:|^<anonymous>|log-center-\\w+\\.js$/`],[``,`;
  `],[`k`,`const `],[``,`[, file = `],[`s`,`'unknown'`],[``,`, line = `],[`n`,`0`],[``,`] =
    frames.find(([, own]) => own && !library.test(own)) ?? frames.find(([, any]) => any) ?? [];
  `],[`k`,`const`],[``,` path = file.startsWith(`],[`s`,`'file:'`],[``,`) ? fileURLToPath(file) : file;
  `],[`k`,`const`],[``,` file_path = isAbsolute(path) ? relative(process.cwd(), path).split(sep).join(`],[`s`,`'/'`],[``,`) : path;
  `],[`k`,`return `],[``,`{ file_path, line_number: Number(line) };
}

`],[`c`,`/** JSON whatever the value; undefined when it cannot even be read. */
`],[`k`,`function `],[``,`toJson(value: unknown): string | `],[`k`,`undefined `],[``,`{
  `],[`k`,`const`],[``,` seen = `],[`k`,`new `],[``,`WeakSet<object>();
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
}`]]};export{e as t};