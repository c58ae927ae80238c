var e={name:`django.py`,language:`py`,pieces:[[`c`,`# Save as log_center_django.py beside report_error.py, and import it at the top of urls.py:
#     import log_center_django
`],[`k`,`import`],[``,` sys
`],[`k`,`import`],[``,` uuid

`],[`k`,`from`],[``,` django.core.signals `],[`k`,`import`],[``,` got_request_exception
`],[`k`,`from`],[``,` django.dispatch `],[`k`,`import`],[``,` receiver

`],[`k`,`from`],[``,` report_error `],[`k`,`import`],[``,` report_error


@receiver(got_request_exception)
`],[`k`,`def `],[``,`report_exception(request=`],[`k`,`None`],[``,`, **_):
    `],[`s`,`"""Django sends this for what becomes a 500, not for 404, 403 or 400."""
    `],[`c`,`# An exception raised in a receiver would replace the application's own error page.
    `],[`k`,`try`],[``,`:
        report_error(sys.exc_info()[`],[`n`,`1`],[``,`], request_context(request))
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`pass


def `],[``,`request_context(request):
    context = {
        `],[`s`,`"url"`],[``,`: request.get_full_path(),
        `],[`s`,`"method"`],[``,`: request.method,
        `],[`s`,`"params"`],[``,`: request.resolver_match.kwargs `],[`k`,`if`],[``,` request.resolver_match `],[`k`,`else `],[``,`{},
        `],[`s`,`"query"`],[``,`: request.GET.dict(),
        `],[`s`,`"request_id"`],[``,`: request.headers.get(`],[`s`,`"X-Request-Id"`],[``,`) `],[`k`,`or`],[``,` uuid.uuid4().hex,
    }
    `],[`k`,`try`],[``,`:
        context[`],[`s`,`"user_id"`],[``,`] = request.user.pk
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`pass  `],[`c`,`# no authentication here, or the database that knows the user is what failed
    `],[`k`,`return`],[``,` context`]]},t={name:`drf.py`,language:`py`,pieces:[[`c`,`# Save as log_center_drf.py beside report_error.py, and name it in settings.py:
#     REST_FRAMEWORK = {"EXCEPTION_HANDLER": "log_center_drf.exception_handler"}
`],[`k`,`import`],[``,` uuid

`],[`k`,`from`],[``,` rest_framework `],[`k`,`import`],[``,` views

`],[`k`,`from`],[``,` report_error `],[`k`,`import`],[``,` report_error


`],[`k`,`def `],[``,`exception_handler(error, context):
    `],[`s`,`"""Answers as REST framework does; reports what is not an expected refusal such as 404."""`],[``,`
    response = views.exception_handler(error, context)
    `],[`k`,`if`],[``,` response `],[`k`,`is None or`],[``,` response.status_code >= `],[`n`,`500`],[``,`:
        `],[`k`,`try`],[``,`:
            report_error(error, request_context(context))
        `],[`k`,`except`],[``,` Exception:
            `],[`k`,`pass
    return`],[``,` response


`],[`k`,`def `],[``,`request_context(context):
    request = context[`],[`s`,`"request"`],[``,`]
    report = {
        `],[`s`,`"url"`],[``,`: request.get_full_path(),
        `],[`s`,`"method"`],[``,`: request.method,
        `],[`s`,`"params"`],[``,`: context.get(`],[`s`,`"kwargs"`],[``,`),
        `],[`s`,`"query"`],[``,`: request.query_params.dict(),
        `],[`s`,`"view"`],[``,`: type(context.get(`],[`s`,`"view"`],[``,`)).__name__,
        `],[`s`,`"request_id"`],[``,`: request.headers.get(`],[`s`,`"X-Request-Id"`],[``,`) `],[`k`,`or`],[``,` uuid.uuid4().hex,
    }
    `],[`k`,`try`],[``,`:
        report[`],[`s`,`"user_id"`],[``,`] = request.user.pk
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`pass  `],[`c`,`# no authentication here, or the database that knows the user is what failed
    `],[`k`,`return`],[``,` report`]]},n={name:`fastapi.py`,language:`py`,pieces:[[`c`,`# Save as log_center_fastapi.py beside report_error.py, and add it where the application is made:
#     app.add_middleware(LogCenterMiddleware)
`],[`k`,`import`],[``,` uuid
`],[`k`,`from`],[``,` urllib.parse `],[`k`,`import`],[``,` parse_qs

`],[`k`,`from`],[``,` report_error `],[`k`,`import`],[``,` report_error


`],[`k`,`class `],[``,`LogCenterMiddleware:
    `],[`s`,`"""Reports what no handler expected; HTTPException and invalid input never come here."""

    `],[`k`,`def `],[``,`__init__(self, app):
        self.app = app

    `],[`k`,`async def `],[``,`__call__(self, scope, receive, send):
        `],[`k`,`try`],[``,`:
            `],[`k`,`await`],[``,` self.app(scope, receive, send)
        `],[`k`,`except`],[``,` Exception `],[`k`,`as`],[``,` error:
            report_error(error, request_context(scope))
            `],[`k`,`raise


def `],[``,`request_context(scope):
    headers = dict(scope.get(`],[`s`,`"headers"`],[``,`, []))
    `],[`k`,`return `],[``,`{
        `],[`s`,`"url"`],[``,`: scope.get(`],[`s`,`"path"`],[``,`),
        `],[`s`,`"method"`],[``,`: scope.get(`],[`s`,`"method"`],[``,`),
        `],[`s`,`"params"`],[``,`: scope.get(`],[`s`,`"path_params"`],[``,`),
        `],[`s`,`"query"`],[``,`: parse_qs(scope.get(`],[`s`,`"query_string"`],[``,`, `],[`s`,`b""`],[``,`).decode(`],[`s`,`"latin-1"`],[``,`)),
        `],[`s`,`"view"`],[``,`: getattr(scope.get(`],[`s`,`"route"`],[``,`), `],[`s`,`"path"`],[``,`, `],[`k`,`None`],[``,`),
        `],[`s`,`"user_id"`],[``,`: scope.get(`],[`s`,`"state"`],[``,`, {}).get(`],[`s`,`"user_id"`],[``,`),  `],[`c`,`# set request.state.user_id at your login
        `],[`s`,`"request_id"`],[``,`: headers.get(`],[`s`,`b"x-request-id"`],[``,`, `],[`s`,`b""`],[``,`).decode(`],[`s`,`"latin-1"`],[``,`) `],[`k`,`or`],[``,` uuid.uuid4().hex,
    }`]]},r={name:`flask.py`,language:`py`,pieces:[[`c`,`# Save as log_center_flask.py beside report_error.py, and call it where the application is made:
#     init_log_center(app)
`],[`k`,`import`],[``,` uuid

`],[`k`,`from`],[``,` flask `],[`k`,`import`],[``,` got_request_exception, request, session

`],[`k`,`from`],[``,` report_error `],[`k`,`import`],[``,` report_error


`],[`k`,`def `],[``,`init_log_center(app):
    got_request_exception.connect(report_exception, app)


`],[`k`,`def `],[``,`report_exception(sender, exception, **_):
    `],[`s`,`"""Flask sends this for what becomes a 500, not for abort(404); its answer stays as it is."""
    `],[`k`,`try`],[``,`:
        report_error(exception, {
            `],[`s`,`"url"`],[``,`: request.full_path.rstrip(`],[`s`,`"?"`],[``,`),
            `],[`s`,`"method"`],[``,`: request.method,
            `],[`s`,`"params"`],[``,`: request.view_args,
            `],[`s`,`"query"`],[``,`: request.args.to_dict(),
            `],[`s`,`"view"`],[``,`: request.endpoint,
            `],[`s`,`"user_id"`],[``,`: session.get(`],[`s`,`"user_id"`],[``,`),
            `],[`s`,`"request_id"`],[``,`: request.headers.get(`],[`s`,`"X-Request-Id"`],[``,`) `],[`k`,`or`],[``,` uuid.uuid4().hex,
        })
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`pass`]]},i={name:`celery.py`,language:`py`,pieces:[[`c`,`# Save as log_center_celery.py beside report_error.py, and import it where your Celery app is made:
#     import log_center_celery
`],[`k`,`from`],[``,` celery.signals `],[`k`,`import`],[``,` task_failure

`],[`k`,`from`],[``,` report_error `],[`k`,`import`],[``,` report_error


@task_failure.connect
`],[`k`,`def `],[``,`report_failure(sender=`],[`k`,`None`],[``,`, task_id=`],[`k`,`None`],[``,`, exception=`],[`k`,`None`],[``,`, args=`],[`k`,`None`],[``,`, kwargs=`],[`k`,`None`],[``,`, **_):
    `],[`s`,`"""Celery sends this once, after the last retry, when the result is already stored."""`],[``,`
    report_error(
        exception,
        {
            `],[`s`,`"method"`],[``,`: `],[`s`,`"TASK"`],[``,`,
            `],[`s`,`"url"`],[``,`: getattr(sender, `],[`s`,`"name"`],[``,`, `],[`k`,`None`],[``,`),
            `],[`s`,`"params"`],[``,`: {`],[`s`,`"args"`],[``,`: args, `],[`s`,`"kwargs"`],[``,`: kwargs},
            `],[`s`,`"request_id"`],[``,`: task_id,
        },
        wait=`],[`k`,`True`],[``,`,  `],[`c`,`# on purpose: nobody waits for the answer, and the worker may end right here
    `],[``,`)`]]},a={name:`report-error.ts`,language:`ts`,pieces:[[`c`,`// Save as src/report-error.ts and import it first of all in main.ts:
//   import './report-error';
`],[`k`,`const `],[`n`,`LOG_CENTER_URL `],[``,`= `],[`s`,`'http://localhost:8002'`],[``,`;
`],[`k`,`const `],[`n`,`PROJECT `],[``,`= `],[`s`,`'my_project'`],[``,`;
`],[`k`,`const `],[`n`,`LOCAL `],[``,`= [`],[`s`,`'localhost'`],[``,`, `],[`s`,`'127.0.0.1'`],[``,`].includes(location.hostname);
`],[`k`,`const `],[`n`,`ENVIRONMENT `],[``,`= `],[`n`,`LOCAL `],[``,`? `],[`s`,`'development' `],[``,`: `],[`s`,`'production'`],[``,`;

`],[`c`,`/** Fields of the report that the caller knows better than the stack. */
`],[`k`,`export interface `],[``,`Known {
  level?: `],[`s`,`'DEBUG' `],[``,`| `],[`s`,`'INFO' `],[``,`| `],[`s`,`'WARNING' `],[``,`| `],[`s`,`'ERROR' `],[``,`| `],[`s`,`'CRITICAL'`],[``,`;
  type?: string;
  code?: string;
  file_path?: string;
  line_number?: number;
}

`],[`k`,`const`],[``,` reported = `],[`k`,`new `],[``,`WeakSet<object>();
`],[`k`,`let`],[``,` left = `],[`n`,`100`],[``,`; `],[`c`,`// reports of one page, so that an endless loop of errors stays bounded

/** Reports an error; never throws, never waits. The third argument sets fields of the report. */
`],[`k`,`export function `],[``,`reportError(
  error: unknown,
  context: Record<string, unknown> = {},
  { level = `],[`s`,`'ERROR'`],[``,`, ...known }: Known = {},
): `],[`k`,`void `],[``,`{
  `],[`k`,`try `],[``,`{
    `],[`k`,`if `],[``,`(Object(error) === error) {
      `],[`k`,`if `],[``,`(reported.has(error `],[`k`,`as`],[``,` object)) `],[`k`,`return`],[``,`;
      reported.add(error `],[`k`,`as`],[``,` object);
    }
    `],[`k`,`if `],[``,`((left -= `],[`n`,`1`],[``,`) < `],[`n`,`0`],[``,`) `],[`k`,`return`],[``,`;
    `],[`k`,`const `],[``,`{ name = `],[`s`,`'NonError'`],[``,`, message, stack = `],[`s`,`'' `],[``,`} = Object(error);
    `],[`k`,`const`],[``,` report = {
      project_id: `],[`n`,`PROJECT`],[``,`,
      environment: `],[`n`,`ENVIRONMENT`],[``,`,
      level,
      error: {
        type: String(name),
        message: String(message ?? toJson(error)).slice(`],[`n`,`0`],[``,`, `],[`n`,`8000`],[``,`),
        ...place(String(stack)),
        stack_trace: String(stack).slice(`],[`n`,`0`],[``,`, `],[`n`,`20000`],[``,`).split(`],[`s`,`'\\n'`],[``,`),
        ...known,
      },
    };
    `],[`k`,`const`],[``,` request = { url: location.href, userAgent: navigator.userAgent };
    send({ ...report, context: { ...request, ...context } }, { ...report, context: request });
  } `],[`k`,`catch `],[``,`{
    `],[`c`,`// The page comes first.
  `],[``,`}
}

`],[`k`,`function `],[``,`send(whole: object, short: object) {
  `],[`k`,`const`],[``,` url = `],[`s`,"`${"],[`n`,`LOG_CENTER_URL`],[`s`,"}/api/v1/logs/report`"],[``,`;
  `],[`k`,`let`],[``,` body = toJson(whole);
  `],[`c`,`// Browsers take 64 KiB of what shall outlive the page: then without its context.
  `],[`k`,`if `],[``,`(!body || `],[`k`,`new `],[``,`Blob([body]).size > `],[`n`,`60000`],[``,`) body = toJson(short);
  `],[`k`,`if `],[``,`(!navigator.sendBeacon?.(url, body)) {
    `],[`k`,`const`],[``,` request: RequestInit = { method: `],[`s`,`'POST'`],[``,`, body, keepalive: `],[`k`,`true`],[``,`, credentials: `],[`s`,`'omit' `],[``,`};
    fetch(url, { ...request, signal: AbortSignal.timeout?.(`],[`n`,`3000`],[``,`) }).catch(() => {});
  }
}

`],[`c`,`/** The innermost frame of your own code: "at name (url:line:column)" or "name@url:line:column". */
`],[`k`,`function `],[``,`place(stack: string) {
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
}

addEventListener(`],[`s`,`'error'`],[``,`, ({ error, message, filename, lineno }) => {
  `],[`c`,`// A script of another origin tells nothing, and this warning of browsers harms nobody.
  `],[`k`,`if `],[``,`(`],[`s`,`/^Script error|^ResizeObserver loop/`],[``,`.test(message)) `],[`k`,`return`],[``,`;
  reportError(error ?? { name: `],[`s`,`'Error'`],[``,`, message, stack: `],[`s`,"`@${filename}:${lineno}:0` "],[``,`});
});
addEventListener(`],[`s`,`'unhandledrejection'`],[``,`, ({ reason }) => reportError(reason));`]]},o={name:`react.tsx`,language:`tsx`,pieces:[[`c`,`// Save as src/log-center.tsx beside report-error.ts. In main.tsx, with React 19:
//   createRoot(element, rootOptions).render(<ErrorBoundary><App /></ErrorBoundary>);
`],[`k`,`import `],[``,`{ Component, `],[`k`,`type `],[``,`ErrorInfo, `],[`k`,`type `],[``,`ReactNode } `],[`k`,`from `],[`s`,`'react'`],[``,`;
`],[`k`,`import type `],[``,`{ RootOptions } `],[`k`,`from `],[`s`,`'react-dom/client'`],[``,`;
`],[`k`,`import `],[``,`{ reportError } `],[`k`,`from `],[`s`,`'./report-error'`],[``,`;

`],[`k`,`function `],[``,`report(error: unknown, info: { componentStack?: string | `],[`k`,`null `],[``,`}) {
  console.error(error);
  reportError(error, { componentStack: info.componentStack });
}

`],[`c`,`/** For createRoot of React 19: what no boundary caught, and what one of them did. */
`],[`k`,`export const`],[``,` rootOptions: RootOptions = { onUncaughtError: report, onCaughtError: report };

`],[`c`,"/** Shows `fallback` in place of what failed; with React 18 and older it also reports. */\n"],[`k`,`export class `],[``,`ErrorBoundary `],[`k`,`extends `],[``,`Component<
  { children: ReactNode; fallback?: ReactNode },
  { failed: boolean }
> {
  override state = { failed: `],[`k`,`false `],[``,`};

  `],[`k`,`static `],[``,`getDerivedStateFromError() {
    `],[`k`,`return `],[``,`{ failed: `],[`k`,`true `],[``,`};
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    `],[`c`,`// The same error is reported once, however many handlers see it.
    `],[``,`reportError(error, { componentStack: info.componentStack });
  }

  override render() {
    `],[`k`,`const `],[``,`{ children, fallback = <p>Something went wrong.</p> } = `],[`k`,`this`],[``,`.props;
    `],[`k`,`return this`],[``,`.state.failed ? fallback : children;
  }
}`]]},s={name:`vue.js`,language:`js`,pieces:[[`c`,`// Save as src/log-center.js beside report-error.js. In main.js:
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
};`]]},c={name:`axios.js`,language:`js`,pieces:[[`c`,`// Save as src/log-center-axios.js beside report-error.js, and call it once for each client:
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
}`]]},l={name:`report-error-node.mjs`,language:`mjs`,pieces:[[`c`,`// Save as report-error-node.mjs beside your code and import it first of all:
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
});`]]},u={name:`express.js`,language:`js`,pieces:[[`c`,`// Save as log-center-express.js beside report-error-node.mjs, and use it after all your routes:
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
}`]]},d={name:`koa.js`,language:`js`,pieces:[[`c`,`// Save as log-center-koa.js beside report-error-node.mjs, and use it before all other middleware:
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
}`]]},f={name:`nestjs.ts`,language:`ts`,pieces:[[`c`,`// Save as src/log-center.filter.ts, and add it to the providers of AppModule (HTTP and GraphQL):
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
}`]]},p={name:`report_error.go`,language:`go`,pieces:[[`c`,`// Put this into the root folder of your module, and wrap your handler:
//
//	http.ListenAndServe(":8080", ReportPanics(mux))
`],[`k`,`package`],[``,` main

`],[`k`,`import `],[``,`(
	`],[`s`,`"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
`],[``,`)

`],[`k`,`const`],[``,` logCenterProject = `],[`s`,`"my_project"

`],[`k`,`var `],[``,`(
	logCenterURL = envOr(`],[`s`,`"LOG_CENTER_URL"`],[``,`, `],[`s`,`"http://localhost:8002"`],[``,`)
	reportClient = &http.Client{Timeout: `],[`n`,`3 `],[``,`* time.Second}
	reportSlots  = make(`],[`k`,`chan struct`],[``,`{}, `],[`n`,`20`],[``,`) `],[`c`,`// what is more than this at once is dropped`],[``,`
	reportsOpen  sync.WaitGroup
	sourceRoot   = callerFolder() `],[`c`,`// of this file, as the compiler saw it
`],[``,`)

`],[`c`,`// ReportError reports err from where it is called, in the background; it never panics.
`],[`k`,`func `],[``,`ReportError(err error, context `],[`k`,`map`],[``,`[string]any) {
	report(err, context, `],[`s`,`"ERROR"`],[``,`)
}

`],[`c`,`// FlushReports waits for what is being sent, 3 seconds at most; for the end of main.
`],[`k`,`func `],[``,`FlushReports() { reportsOpen.Wait() }

`],[`c`,`// ReportPanics reports what a handler panics with, then panics again, so that
// net/http or your own recovery answers as before.
`],[`k`,`func `],[``,`ReportPanics(next http.Handler) http.Handler {
	`],[`k`,`return`],[``,` http.HandlerFunc(`],[`k`,`func`],[``,`(w http.ResponseWriter, r *http.Request) {
		`],[`k`,`defer func`],[``,`() {
			value := recover()
			`],[`k`,`if`],[``,` value == `],[`k`,`nil `],[``,`{
				`],[`k`,`return
			`],[``,`}
			`],[`k`,`if`],[``,` value != http.ErrAbortHandler {
				err, isError := value.(error)
				`],[`k`,`if `],[``,`!isError {
					err = panicked{value}
				}
				report(err, RequestContext(r), `],[`s`,`"CRITICAL"`],[``,`)
			}
			panic(value)
		}()
		next.ServeHTTP(w, r)
	})
}

`],[`c`,`// RequestContext tells which request it was; add the user where you know one.
`],[`k`,`func `],[``,`RequestContext(r *http.Request) `],[`k`,`map`],[``,`[string]any {
	id := r.Header.Get(`],[`s`,`"X-Request-Id"`],[``,`)
	`],[`k`,`if`],[``,` id == `],[`s`,`"" `],[``,`{
		random := make([]byte, `],[`n`,`16`],[``,`)
		`],[`k`,`_`],[``,`, `],[`k`,`_ `],[``,`= rand.Read(random)
		id = fmt.Sprintf(`],[`s`,`"%x"`],[``,`, random)
	}
	`],[`k`,`return map`],[``,`[string]any{
		`],[`s`,`"url"`],[``,`: r.URL.RequestURI(), `],[`s`,`"method"`],[``,`: r.Method, `],[`s`,`"params"`],[``,`: r.URL.Query(), `],[`s`,`"request_id"`],[``,`: id,
	}
}

`],[`k`,`type`],[``,` panicked `],[`k`,`struct`],[``,`{ value any }

`],[`k`,`func `],[``,`(p panicked) Error() string { `],[`k`,`return`],[``,` fmt.Sprint(p.value) }

`],[`k`,`func `],[``,`report(err error, context `],[`k`,`map`],[``,`[string]any, level string) {
	`],[`k`,`defer func`],[``,`() { `],[`k`,`_ `],[``,`= recover() }() `],[`c`,`// the application comes first`],[``,`
	file, line, stack := callers()
	body, failed := json.Marshal(`],[`k`,`map`],[``,`[string]any{
		`],[`s`,`"project_id"`],[``,`:  logCenterProject,
		`],[`s`,`"environment"`],[``,`: envOr(`],[`s`,`"ENVIRONMENT"`],[``,`, `],[`s`,`"development"`],[``,`),
		`],[`s`,`"version"`],[``,`:     envOr(`],[`s`,`"APP_VERSION"`],[``,`, `],[`s`,`""`],[``,`),
		`],[`s`,`"level"`],[``,`:       level,
		`],[`s`,`"error"`],[``,`: `],[`k`,`map`],[``,`[string]any{
			`],[`s`,`"type"`],[``,`:        typeName(err),
			`],[`s`,`"message"`],[``,`:     err.Error(),
			`],[`s`,`"file_path"`],[``,`:   file,
			`],[`s`,`"line_number"`],[``,`: line,
			`],[`s`,`"stack_trace"`],[``,`: stack,
		},
		`],[`s`,`"context"`],[``,`: plain(context),
	})
	`],[`k`,`if`],[``,` failed != `],[`k`,`nil `],[``,`{
		`],[`k`,`return
	`],[``,`}
	`],[`k`,`select `],[``,`{
	`],[`k`,`case`],[``,` reportSlots <- `],[`k`,`struct`],[``,`{}{}:
		reportsOpen.Add(`],[`n`,`1`],[``,`)
		`],[`k`,`go `],[``,`send(body)
	`],[`k`,`default`],[``,`:
	}
}

`],[`k`,`func `],[``,`send(body []byte) {
	`],[`k`,`defer func`],[``,`() { <-reportSlots; reportsOpen.Done() }()
	answer, err := reportClient.Post(
		logCenterURL+`],[`s`,`"/api/v1/logs/report"`],[``,`, `],[`s`,`"application/json"`],[``,`, bytes.NewReader(body))
	`],[`k`,`if`],[``,` err == `],[`k`,`nil `],[``,`{
		`],[`k`,`_ `],[``,`= answer.Body.Close()
	}
}

`],[`c`,`// callers finds the innermost frame below this file's folder, and the whole stack.
`],[`k`,`func `],[``,`callers() (file string, line int, stack []string) {
	file = `],[`s`,`"unknown"`],[``,`
	counters := make([]uintptr, `],[`n`,`64`],[``,`)
	frames := runtime.CallersFrames(counters[:runtime.Callers(`],[`n`,`2`],[``,`, counters)])
	`],[`k`,`for`],[``,` more := `],[`k`,`true`],[``,`; more; {
		`],[`k`,`var`],[``,` frame runtime.Frame
		frame, more = frames.Next()
		path := strings.TrimPrefix(filepath.ToSlash(frame.File), sourceRoot)
		`],[`k`,`if`],[``,` path == `],[`s`,`"report_error.go" `],[``,`{
			`],[`k`,`continue
		`],[``,`}
		stack = append(stack, fmt.Sprintf(`],[`s`,`"%s (%s:%d)"`],[``,`, frame.Function, path, frame.Line))
		`],[`k`,`if`],[``,` line == `],[`n`,`0 `],[``,`&& path != frame.File && !strings.HasPrefix(path, `],[`s`,`"vendor/"`],[``,`) {
			file, line = path, frame.Line
		}
	}
	`],[`k`,`return`],[``,` file, line, stack
}

`],[`k`,`func `],[``,`callerFolder() string {
	`],[`k`,`_`],[``,`, file, `],[`k`,`_`],[``,`, `],[`k`,`_ `],[``,`:= runtime.Caller(`],[`n`,`0`],[``,`)
	`],[`k`,`return`],[``,` filepath.ToSlash(filepath.Dir(file)) + `],[`s`,`"/"
`],[``,`}

`],[`c`,`// typeName looks through fmt.Errorf("…: %w", err), which says nothing.
`],[`k`,`func `],[``,`typeName(err error) string {
	`],[`k`,`for`],[``,` strings.HasPrefix(fmt.Sprintf(`],[`s`,`"%T"`],[``,`, err), `],[`s`,`"*fmt."`],[``,`) && errors.Unwrap(err) != `],[`k`,`nil `],[``,`{
		err = errors.Unwrap(err)
	}
	`],[`k`,`if _`],[``,`, isPanic := err.(panicked); isPanic {
		`],[`k`,`return `],[`s`,`"panic"
	`],[``,`}
	`],[`k`,`return`],[``,` strings.TrimPrefix(fmt.Sprintf(`],[`s`,`"%T"`],[``,`, err), `],[`s`,`"*"`],[``,`)
}

`],[`c`,`// plain replaces what JSON cannot hold, such as channels and circles, by its type.
`],[`k`,`func `],[``,`plain(context `],[`k`,`map`],[``,`[string]any) `],[`k`,`map`],[``,`[string]any {
	kept := `],[`k`,`map`],[``,`[string]any{}
	`],[`k`,`for`],[``,` key, value := `],[`k`,`range`],[``,` context {
		`],[`k`,`if`],[``,` encoded, err := json.Marshal(value); err == `],[`k`,`nil `],[``,`{
			kept[key] = json.RawMessage(encoded)
		} `],[`k`,`else `],[``,`{
			kept[key] = fmt.Sprintf(`],[`s`,`"%T"`],[``,`, value)
		}
	}
	`],[`k`,`return`],[``,` kept
}

`],[`k`,`func `],[``,`envOr(name, fallback string) string {
	`],[`k`,`if`],[``,` value := os.Getenv(name); value != `],[`s`,`"" `],[``,`{
		`],[`k`,`return`],[``,` value
	}
	`],[`k`,`return`],[``,` fallback
}`]]},m={name:`ReportError.java`,language:`java`,pieces:[[`c`,`// Put this beside your classes and add its package line; first thing in main:
//     ReportError.install();
`],[`k`,`import `],[``,`java.io.PrintWriter;
`],[`k`,`import `],[``,`java.io.StringWriter;
`],[`k`,`import `],[``,`java.net.URI;
`],[`k`,`import `],[``,`java.net.http.HttpClient;
`],[`k`,`import `],[``,`java.net.http.HttpRequest;
`],[`k`,`import `],[``,`java.net.http.HttpResponse.BodyHandlers;
`],[`k`,`import `],[``,`java.time.Duration;
`],[`k`,`import `],[``,`java.util.Arrays;
`],[`k`,`import `],[``,`java.util.Collection;
`],[`k`,`import `],[``,`java.util.LinkedHashMap;
`],[`k`,`import `],[``,`java.util.Map;
`],[`k`,`import `],[``,`java.util.concurrent.CompletableFuture;
`],[`k`,`import `],[``,`java.util.concurrent.Semaphore;
`],[`k`,`import `],[``,`java.util.concurrent.TimeUnit;
`],[`k`,`import `],[``,`java.util.regex.Pattern;
`],[`k`,`import `],[``,`java.util.stream.Collectors;

`],[`k`,`public final class `],[``,`ReportError {
    `],[`k`,`private static final `],[``,`String `],[`n`,`URL `],[``,`= env(`],[`s`,`"LOG_CENTER_URL"`],[``,`, `],[`s`,`"http://localhost:8002"`],[``,`);
    `],[`k`,`private static final `],[``,`String `],[`n`,`PROJECT `],[``,`= `],[`s`,`"my_project"`],[``,`;
    `],[`k`,`private static final `],[``,`Pattern `],[`n`,`LIBRARIES `],[``,`= Pattern.compile(
        `],[`s`,`"^(java|javax|jdk|sun|com\\\\.sun|jakarta|kotlin|org\\\\.springframework|org\\\\.apache)\\\\..*"`],[``,`);
    `],[`k`,`private static final `],[``,`Duration `],[`n`,`TIMEOUT `],[``,`= Duration.ofSeconds(`],[`n`,`3`],[``,`);
    `],[`k`,`private static final `],[``,`HttpClient `],[`n`,`CLIENT `],[``,`=
        HttpClient.newBuilder().connectTimeout(`],[`n`,`TIMEOUT`],[``,`).build();
    `],[`c`,`// What is more than this at once is dropped.
    `],[`k`,`private static final `],[``,`Semaphore `],[`n`,`SLOTS `],[``,`= `],[`k`,`new `],[``,`Semaphore(`],[`n`,`20`],[``,`);

    `],[`k`,`private `],[``,`ReportError() {}

    `],[`c`,`/** Reports what ends a thread, then prints it as always. */
    `],[`k`,`public static void `],[``,`install() {
        `],[`k`,`var`],[``,` previous = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> {
            `],[`c`,`// Waits on purpose: the program may end with this thread.
            `],[``,`report(error, Map.of(`],[`s`,`"thread"`],[``,`, thread.getName()), `],[`s`,`"CRITICAL"`],[``,`)
                .completeOnTimeout(`],[`k`,`null`],[``,`, `],[`n`,`3`],[``,`, TimeUnit.`],[`n`,`SECONDS`],[``,`).join();
            `],[`k`,`if `],[``,`(previous != `],[`k`,`null`],[``,`) {
                previous.uncaughtException(thread, error);
            } `],[`k`,`else `],[``,`{
                System.err.print(`],[`s`,`"Exception in thread \\"" `],[``,`+ thread.getName() + `],[`s`,`"\\" "`],[``,`);
                error.printStackTrace();
            }
        });
    }

    `],[`c`,`/** Reports in the background. In Spring, call it from a filter round the chain, and rethrow. */
    `],[`k`,`public static `],[``,`CompletableFuture<Void> report(Throwable error, Map<String, ?> context) {
        `],[`k`,`return `],[``,`report(error, context, `],[`s`,`"ERROR"`],[``,`);
    }

    `],[`c`,`/** The future never fails; nobody has to wait for it. */
    `],[`k`,`public static `],[``,`CompletableFuture<Void> report(
            Throwable error, Map<String, ?> context, String level) {
        `],[`k`,`if `],[``,`(!`],[`n`,`SLOTS`],[``,`.tryAcquire()) {
            `],[`k`,`return `],[``,`CompletableFuture.completedFuture(`],[`k`,`null`],[``,`);
        }
        `],[`k`,`try `],[``,`{
            `],[`k`,`var`],[``,` request = HttpRequest.newBuilder(`],[`n`,`URI`],[``,`.create(`],[`n`,`URL `],[``,`+ `],[`s`,`"/api/v1/logs/report"`],[``,`))
                .timeout(`],[`n`,`TIMEOUT`],[``,`)
                .header(`],[`s`,`"Content-Type"`],[``,`, `],[`s`,`"application/json"`],[``,`)
                .POST(HttpRequest.BodyPublishers.ofString(body(error, context, level)))
                .build();
            `],[`k`,`return `],[`n`,`CLIENT`],[``,`.sendAsync(request, BodyHandlers.discarding())
                .handle((answer, failure) -> {
                    `],[`n`,`SLOTS`],[``,`.release();
                    `],[`k`,`return null`],[``,`;
                });
        } `],[`k`,`catch `],[``,`(RuntimeException unsent) { `],[`c`,`// the application comes first
            `],[`n`,`SLOTS`],[``,`.release();
            `],[`k`,`return `],[``,`CompletableFuture.completedFuture(`],[`k`,`null`],[``,`);
        }
    }

    `],[`k`,`private static `],[``,`String body(Throwable error, Map<String, ?> context, String level) {
        `],[`k`,`var`],[``,` trace = `],[`k`,`new `],[``,`StringWriter();
        error.printStackTrace(`],[`k`,`new `],[``,`PrintWriter(trace));
        `],[`k`,`var`],[``,` frames = error.getStackTrace();
        `],[`k`,`var`],[``,` own = Arrays.stream(frames)
            .filter(frame -> !`],[`n`,`LIBRARIES`],[``,`.matcher(frame.getClassName()).matches())
            .findFirst().orElse(frames.length > `],[`n`,`0 `],[``,`? frames[`],[`n`,`0`],[``,`] : `],[`k`,`null`],[``,`);

        `],[`k`,`var`],[``,` details = `],[`k`,`new `],[``,`LinkedHashMap<String, Object>();
        details.put(`],[`s`,`"type"`],[``,`, error.getClass().getName());
        details.put(`],[`s`,`"message"`],[``,`, error.getMessage() == `],[`k`,`null `],[``,`? `],[`s`,`"" `],[``,`: error.getMessage());
        details.put(`],[`s`,`"file_path"`],[``,`, own == `],[`k`,`null `],[``,`? `],[`s`,`"unknown" `],[``,`: path(own));
        details.put(`],[`s`,`"line_number"`],[``,`, own == `],[`k`,`null `],[``,`? `],[`n`,`0 `],[``,`: Math.max(`],[`n`,`0`],[``,`, own.getLineNumber()));
        details.put(`],[`s`,`"stack_trace"`],[``,`, trace.toString().split(`],[`s`,`"\\\\R"`],[``,`));

        `],[`k`,`var`],[``,` report = `],[`k`,`new `],[``,`LinkedHashMap<String, Object>();
        report.put(`],[`s`,`"project_id"`],[``,`, `],[`n`,`PROJECT`],[``,`);
        report.put(`],[`s`,`"environment"`],[``,`, env(`],[`s`,`"ENVIRONMENT"`],[``,`, `],[`s`,`"development"`],[``,`));
        report.put(`],[`s`,`"version"`],[``,`, env(`],[`s`,`"APP_VERSION"`],[``,`, `],[`k`,`null`],[``,`));
        report.put(`],[`s`,`"level"`],[``,`, level);
        report.put(`],[`s`,`"error"`],[``,`, details);
        report.put(`],[`s`,`"context"`],[``,`, context);
        `],[`k`,`return `],[``,`json(report, `],[`n`,`6`],[``,`);
    }

    `],[`c`,`/** com/example/shop/Orders.java: the same on every machine. */
    `],[`k`,`private static `],[``,`String path(StackTraceElement frame) {
        `],[`k`,`var`],[``,` folder = frame.getClassName().replaceAll(`],[`s`,`"[^.]*$"`],[``,`, `],[`s`,`""`],[``,`).replace(`],[`s`,`'.'`],[``,`, `],[`s`,`'/'`],[``,`);
        `],[`k`,`return`],[``,` folder + frame.getFileName();
    }

    `],[`c`,"/** JSON without a library; deeper than `depth`, as in circles, everything is text. */\n    "],[`k`,`private static `],[``,`String json(Object value, `],[`k`,`int`],[``,` depth) {
        `],[`k`,`if `],[``,`(value == `],[`k`,`null `],[``,`|| value `],[`k`,`instanceof `],[``,`Boolean
            || value `],[`k`,`instanceof `],[``,`Integer || value `],[`k`,`instanceof `],[``,`Long) {
            `],[`k`,`return `],[``,`String.valueOf(value);
        }
        `],[`k`,`if `],[``,`(depth > `],[`n`,`0 `],[``,`&& value `],[`k`,`instanceof `],[``,`Map) {
            `],[`k`,`return `],[``,`((Map<?, ?>) value).entrySet().stream()
                .map(one -> json(one.getKey() + `],[`s`,`""`],[``,`, `],[`n`,`0`],[``,`) + `],[`s`,`":" `],[``,`+ json(one.getValue(), depth - `],[`n`,`1`],[``,`))
                .collect(Collectors.joining(`],[`s`,`","`],[``,`, `],[`s`,`"{"`],[``,`, `],[`s`,`"}"`],[``,`));
        }
        `],[`k`,`if `],[``,`(depth > `],[`n`,`0 `],[``,`&& value `],[`k`,`instanceof `],[``,`Collection) {
            `],[`k`,`return `],[``,`((Collection<?>) value).stream()
                .map(item -> json(item, depth - `],[`n`,`1`],[``,`)).collect(Collectors.joining(`],[`s`,`","`],[``,`, `],[`s`,`"["`],[``,`, `],[`s`,`"]"`],[``,`));
        }
        `],[`k`,`if `],[``,`(depth > `],[`n`,`0 `],[``,`&& value `],[`k`,`instanceof `],[``,`Object[]) {
            `],[`k`,`return `],[``,`json(Arrays.asList((Object[]) value), depth);
        }
        `],[`k`,`var`],[``,` text = `],[`k`,`new `],[``,`StringBuilder(`],[`s`,`"\\""`],[``,`);
        text(value).chars().forEach(unit -> {
            `],[`k`,`if `],[``,`(unit < `],[`s`,`' ' `],[``,`|| unit == `],[`s`,`'"' `],[``,`|| unit == `],[`s`,`'\\\\' `],[``,`|| Character.isSurrogate((`],[`k`,`char`],[``,`) unit)) {
                text.append(String.format(`],[`s`,`"\\\\u%04x"`],[``,`, unit));
            } `],[`k`,`else `],[``,`{
                text.append((`],[`k`,`char`],[``,`) unit);
            }
        });
        `],[`k`,`return`],[``,` text.append(`],[`s`,`'"'`],[``,`).toString();
    }

    `],[`k`,`private static `],[``,`String text(Object value) {
        `],[`k`,`boolean`],[``,` mayBeCircle = value `],[`k`,`instanceof `],[``,`Map || value `],[`k`,`instanceof `],[``,`Collection;
        `],[`k`,`try `],[``,`{
            `],[`k`,`return`],[``,` mayBeCircle ? value.getClass().getSimpleName() : value.toString();
        } `],[`k`,`catch `],[``,`(RuntimeException untold) {
            `],[`k`,`return`],[``,` value.getClass().getSimpleName();
        }
    }

    `],[`k`,`private static `],[``,`String env(String name, String fallback) {
        `],[`k`,`var`],[``,` value = System.getenv(name);
        `],[`k`,`return`],[``,` value == `],[`k`,`null `],[``,`|| value.isEmpty() ? fallback : value;
    }
}`]]},h={name:`report_error.php`,language:`php`,pieces:[[``,`<?php
`],[`c`,`// Put this into the root folder of your project, and load it first of all:
//     require_once __DIR__ . '/report_error.php';

`],[`k`,`const `],[`n`,`LOG_CENTER_PROJECT `],[``,`= `],[`s`,`'my_project'`],[``,`;

`],[`c`,`/** Notes an error; what is noted is sent when the answer is out. Never throws. */
`],[`k`,`function `],[``,`report_error(Throwable $error, `],[`k`,`array `],[``,`$context = [], `],[`k`,`string `],[``,`$level = `],[`s`,`'ERROR'`],[``,`): `],[`k`,`void
`],[``,`{
    `],[`k`,`static `],[``,`$seen = `],[`n`,`null`],[``,`, $left = `],[`n`,`20`],[``,`; `],[`c`,`// reports of one request
    `],[``,`$seen ??= `],[`k`,`new `],[``,`WeakMap();
    `],[`k`,`if `],[``,`(`],[`k`,`isset`],[``,`($seen[$error]) || $left-- <= `],[`n`,`0`],[``,`) {
        `],[`k`,`return`],[``,`;
    }
    $seen[$error] = `],[`n`,`true`],[``,`;
    [$file, $line] = log_center_place($error);
    $report = [
        `],[`s`,`'project_id' `],[``,`=> `],[`n`,`LOG_CENTER_PROJECT`],[``,`,
        `],[`s`,`'environment' `],[``,`=> getenv(`],[`s`,`'ENVIRONMENT'`],[``,`) ?: `],[`s`,`'development'`],[``,`,
        `],[`s`,`'version' `],[``,`=> getenv(`],[`s`,`'APP_VERSION'`],[``,`) ?: `],[`n`,`null`],[``,`,
        `],[`s`,`'level' `],[``,`=> $level,
        `],[`s`,`'error' `],[``,`=> [
            `],[`s`,`'type' `],[``,`=> get_class($error),
            `],[`s`,`'message' `],[``,`=> $error->getMessage(),
            `],[`s`,`'file_path' `],[``,`=> $file,
            `],[`s`,`'line_number' `],[``,`=> $line,
            `],[`s`,`'stack_trace' `],[``,`=> explode(`],[`s`,`"\\n"`],[``,`, (`],[`k`,`string`],[``,`) $error),
        ],
        `],[`s`,`'context' `],[``,`=> $context + log_center_request(),
    ];
    `],[`c`,`// Circles and what JSON does not know become null.
    `],[``,`$lenient = JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE;
    `],[`k`,`try `],[``,`{
        $body = json_encode($report, $lenient);
    } `],[`k`,`catch `],[``,`(Throwable) {
        $body = json_encode([`],[`s`,`'context' `],[``,`=> `],[`n`,`null`],[``,`] + $report, $lenient);
    }
    register_shutdown_function(`],[`s`,`'log_center_send'`],[``,`, $body);
}

`],[`k`,`function `],[``,`log_center_send(`],[`k`,`string `],[``,`$body): `],[`k`,`void
`],[``,`{
    `],[`c`,`// PHP waits for what it sends; under PHP-FPM the visitor already has the answer by then.
    `],[`k`,`if `],[``,`(function_exists(`],[`s`,`'fastcgi_finish_request'`],[``,`)) {
        fastcgi_finish_request();
    }
    $url = (getenv(`],[`s`,`'LOG_CENTER_URL'`],[``,`) ?: `],[`s`,`'http://localhost:8002'`],[``,`) . `],[`s`,`'/api/v1/logs/report'`],[``,`;
    $http = [`],[`s`,`'method' `],[``,`=> `],[`s`,`'POST'`],[``,`, `],[`s`,`'header' `],[``,`=> `],[`s`,`'Content-Type: application/json'`],[``,`, `],[`s`,`'content' `],[``,`=> $body];
    @file_get_contents($url, `],[`n`,`false`],[``,`, stream_context_create([`],[`s`,`'http' `],[``,`=> $http + [`],[`s`,`'timeout' `],[``,`=> `],[`n`,`3`],[``,`]]));
}

`],[`c`,`/** The innermost frame outside of vendor/, relative to the folder of this file. */
`],[`k`,`function `],[``,`log_center_place(Throwable $error): `],[`k`,`array
`],[``,`{
    $first = [`],[`s`,`'file' `],[``,`=> $error->getFile(), `],[`s`,`'line' `],[``,`=> $error->getLine()];
    `],[`k`,`foreach `],[``,`([$first, ...$error->getTrace(), $first] `],[`k`,`as `],[``,`$frame) {
        $file = $frame[`],[`s`,`'file'`],[``,`] ?? `],[`s`,`'/vendor/'`],[``,`;
        `],[`k`,`if `],[``,`(!str_contains($file, `],[`s`,`'/vendor/'`],[``,`)) {
            `],[`k`,`break`],[``,`;
        }
    }
    `],[`k`,`return `],[``,`[str_replace(`],[`n`,`__DIR__ `],[``,`. `],[`s`,`'/'`],[``,`, `],[`s`,`''`],[``,`, $file), $frame[`],[`s`,`'line'`],[``,`] ?? `],[`n`,`0`],[``,`];
}

`],[`k`,`function `],[``,`log_center_request(): `],[`k`,`array
`],[``,`{
    `],[`k`,`if `],[``,`(`],[`n`,`PHP_SAPI `],[``,`=== `],[`s`,`'cli'`],[``,`) {
        `],[`k`,`return `],[``,`[`],[`s`,`'method' `],[``,`=> `],[`s`,`'CLI'`],[``,`, `],[`s`,`'params' `],[``,`=> $_SERVER[`],[`s`,`'argv'`],[``,`] ?? []];
    }
    `],[`k`,`return `],[``,`[
        `],[`s`,`'url' `],[``,`=> $_SERVER[`],[`s`,`'REQUEST_URI'`],[``,`] ?? `],[`n`,`null`],[``,`,
        `],[`s`,`'method' `],[``,`=> $_SERVER[`],[`s`,`'REQUEST_METHOD'`],[``,`] ?? `],[`n`,`null`],[``,`,
        `],[`s`,`'params' `],[``,`=> $_GET,
        `],[`s`,`'user_id' `],[``,`=> $_SESSION[`],[`s`,`'user_id'`],[``,`] ?? `],[`n`,`null`],[``,`,
        `],[`s`,`'request_id' `],[``,`=> $_SERVER[`],[`s`,`'HTTP_X_REQUEST_ID'`],[``,`] ?? bin2hex(random_bytes(`],[`n`,`16`],[``,`)),
    ];
}

set_exception_handler(`],[`k`,`function `],[``,`(Throwable $error): `],[`k`,`void `],[``,`{
    report_error($error, [], `],[`s`,`'CRITICAL'`],[``,`);
    restore_exception_handler();
    `],[`k`,`throw `],[``,`$error; `],[`c`,`// PHP, or the handler from before, answers as always
`],[``,`});

set_error_handler(`],[`k`,`function `],[``,`(`],[`k`,`int `],[``,`$kind, `],[`k`,`string `],[``,`$message, `],[`k`,`string `],[``,`$file, `],[`k`,`int `],[``,`$line): `],[`k`,`bool `],[``,`{
    `],[`k`,`if `],[``,`(error_reporting() & $kind & (E_WARNING | E_USER_WARNING | E_USER_ERROR)) {
        report_error(`],[`k`,`new `],[``,`ErrorException($message, `],[`n`,`0`],[``,`, $kind, $file, $line), [], `],[`s`,`'WARNING'`],[``,`);
    }
    `],[`k`,`return `],[`n`,`false`],[``,`; `],[`c`,`// PHP goes on as always
`],[``,`});

register_shutdown_function(`],[`k`,`function `],[``,`(): `],[`k`,`void `],[``,`{
    `],[`c`,`// Out of memory, out of time, a file that cannot be parsed: no handler sees these.
    `],[``,`[`],[`s`,`'type' `],[``,`=> $kind, `],[`s`,`'message' `],[``,`=> $message, `],[`s`,`'file' `],[``,`=> $file, `],[`s`,`'line' `],[``,`=> $line] = error_get_last()
        ?? [`],[`s`,`'type' `],[``,`=> `],[`n`,`0`],[``,`, `],[`s`,`'message' `],[``,`=> `],[`s`,`''`],[``,`, `],[`s`,`'file' `],[``,`=> `],[`s`,`''`],[``,`, `],[`s`,`'line' `],[``,`=> `],[`n`,`0`],[``,`];
    $fatal = $kind & (E_ERROR | E_PARSE | E_COMPILE_ERROR);
    `],[`k`,`if `],[``,`($fatal && !str_starts_with($message, `],[`s`,`'Uncaught '`],[``,`)) {
        report_error(`],[`k`,`new `],[``,`ErrorException($message, `],[`n`,`0`],[``,`, $kind, $file, $line), [], `],[`s`,`'CRITICAL'`],[``,`);
    }
});`]]},g={name:`report_error.rb`,language:`rb`,pieces:[[`c`,`# Save as report_error.rb in the root folder of your project, and require it. In config.ru,
# or with config.middleware.use in Rails:  use LogCenter::Middleware
`],[`k`,`require `],[`s`,`"json"
`],[`k`,`require `],[`s`,`"net/http"
`],[`k`,`require `],[`s`,`"securerandom"

`],[`k`,`module `],[``,`LogCenter
  `],[`n`,`URL `],[``,`= `],[`n`,`URI`],[``,`(`],[`s`,`"#{`],[`n`,`ENV`],[`s`,`.fetch("LOG_CENTER_URL", "http://localhost:8002")}/api/v1/logs/report"`],[``,`)
  `],[`n`,`PROJECT `],[``,`= `],[`s`,`"my_project"
  `],[`n`,`THREADS_MAX `],[``,`= `],[`n`,`20 `],[`c`,`# what is more than this at once is dropped
  `],[`n`,`LIBRARIES `],[``,`= [RbConfig::`],[`n`,`CONFIG`],[``,`[`],[`s`,`"rubylibdir"`],[``,`], `],[`s`,`"<internal:"`],[``,`, __FILE__].freeze
  @threads = []

  `],[`c`,`# Reports an exception in the background; never raises one, never reports one twice.
  `],[`k`,`def self`],[``,`.report(error, context = {}, level: `],[`s`,`"ERROR"`],[``,`)
    `],[`k`,`return if`],[``,` error.instance_variable_defined?(:@log_center_reported)

    error.instance_variable_set(:@log_center_reported, `],[`k`,`true`],[``,`) `],[`k`,`unless`],[``,` error.frozen?
    file_path, line_number = place(error)
    body = `],[`n`,`JSON`],[``,`.generate(
      project_id: `],[`n`,`PROJECT`],[``,`,
      environment: `],[`n`,`ENV`],[``,`.fetch(`],[`s`,`"ENVIRONMENT"`],[``,`, `],[`s`,`"development"`],[``,`),
      version: `],[`n`,`ENV`],[``,`[`],[`s`,`"APP_VERSION"`],[``,`],
      level: level,
      error: {
        type: error.`],[`k`,`class`],[``,`.name,
        message: text(error.message),
        file_path: file_path,
        line_number: line_number,
        stack_trace: error.full_message(highlight: `],[`k`,`false`],[``,`, order: :top).scrub.lines(chomp: `],[`k`,`true`],[``,`)
      },
      context: plain(context)
    )
    @threads.select!(&:alive?)
    @threads << Thread.`],[`k`,`new `],[``,`{ post(body) } `],[`k`,`if `],[``,`@threads.size < `],[`n`,`THREADS_MAX
  `],[`k`,`rescue`],[``,` StandardError
    `],[`k`,`nil `],[`c`,`# the application comes first
  `],[`k`,`end

  `],[`c`,`# Waits for what is being sent, 3 seconds at most.
  `],[`k`,`def self`],[``,`.flush
    @threads.`],[`k`,`each `],[``,`{ |thread| thread.join(`],[`n`,`3`],[``,`) }
  `],[`k`,`end

  def self`],[``,`.post(body)
    http = Net::HTTP.`],[`k`,`new`],[``,`(`],[`n`,`URL`],[``,`.host, `],[`n`,`URL`],[``,`.port)
    http.use_ssl = `],[`n`,`URL`],[``,`.scheme == `],[`s`,`"https"`],[``,`
    http.open_timeout = http.read_timeout = http.write_timeout = `],[`n`,`3`],[``,`
    http.max_retries = `],[`n`,`0`],[``,`
    http.post(`],[`n`,`URL`],[``,`.path, body, `],[`s`,`"Content-Type" `],[``,`=> `],[`s`,`"application/json"`],[``,`)
  `],[`k`,`rescue`],[``,` StandardError
    `],[`k`,`nil
  end

  `],[`c`,`# The innermost frame outside of gems and Ruby, relative to the folder of the program.
  `],[`k`,`def self`],[``,`.place(error)
    frames = error.backtrace || []
    own = frames.find { |frame| !frame.start_with?(*`],[`n`,`LIBRARIES`],[``,`) && !frame.`],[`k`,`include`],[``,`?(`],[`s`,`"/gems/"`],[``,`) }
    path, line = (own || frames.first || `],[`s`,`"unknown:0"`],[``,`).match(`],[`s`,`/\\A(.+?):(\\d+)/`],[``,`).captures
    [path.delete_prefix(`],[`s`,`"./"`],[``,`).delete_prefix(`],[`s`,`"#{Dir.pwd}/"`],[``,`), line.to_i]
  `],[`k`,`end

  `],[`c`,`# The value as JSON can hold it: foreign types as text, circles cut by the depth.
  `],[`k`,`def self`],[``,`.plain(value, depth = `],[`n`,`5`],[``,`)
    `],[`k`,`case`],[``,` value
    `],[`k`,`when nil`],[``,`, `],[`k`,`true`],[``,`, `],[`k`,`false`],[``,`, Integer `],[`k`,`then`],[``,` value
    `],[`k`,`when `],[``,`Hash
      depth.zero? ? `],[`s`,`"{…}" `],[``,`: value.first(`],[`n`,`100`],[``,`).to_h { |k, v| [text(k), plain(v, depth - `],[`n`,`1`],[``,`)] }
    `],[`k`,`when `],[``,`Array
      depth.zero? ? `],[`s`,`"[…]" `],[``,`: value.first(`],[`n`,`100`],[``,`).map { |inner| plain(inner, depth - `],[`n`,`1`],[``,`) }
    `],[`k`,`else`],[``,` text(value)
    `],[`k`,`end
  end

  def self`],[``,`.text(value)
    value.to_s.dup.force_encoding(`],[`s`,`"UTF-8"`],[``,`).scrub[`],[`n`,`0`],[``,`, `],[`n`,`8000`],[``,`]
  `],[`k`,`rescue`],[``,` StandardError
    value.`],[`k`,`class`],[``,`.name
  `],[`k`,`end`],[``,`

  private_class_method :post, :place, :plain, :text

  `],[`c`,`# Reports what the application raises, and raises it again: the answer stays as it was.
  `],[`k`,`class `],[``,`Middleware
    `],[`k`,`def `],[``,`initialize(app)
      @app = app
    `],[`k`,`end

    def `],[``,`call(env)
      @app.call(env)
    `],[`k`,`rescue`],[``,` StandardError => e
      LogCenter.report(e, context(env)) `],[`k`,`unless`],[``,` expected?(e)
      `],[`k`,`raise
    end

    private

    `],[`c`,`# Rails answers some of them with 404 or 400.
    `],[`k`,`def `],[``,`expected?(error)
      `],[`k`,`defined`],[``,`?(ActionDispatch::ExceptionWrapper) &&
        ActionDispatch::ExceptionWrapper.status_code_for_exception(error.`],[`k`,`class`],[``,`.name) < `],[`n`,`500
    `],[`k`,`end

    def `],[``,`context(env)
      {
        url: [env[`],[`s`,`"PATH_INFO"`],[``,`], env[`],[`s`,`"QUERY_STRING"`],[``,`]].reject { |part| part.to_s.empty? }.join(`],[`s`,`"?"`],[``,`),
        method: env[`],[`s`,`"REQUEST_METHOD"`],[``,`],
        params: `],[`n`,`URI`],[``,`.decode_www_form(env[`],[`s`,`"QUERY_STRING"`],[``,`].to_s).to_h,
        user_id: env[`],[`s`,`"rack.session"`],[``,`]&.[](`],[`s`,`"user_id"`],[``,`),
        request_id: env[`],[`s`,`"HTTP_X_REQUEST_ID"`],[``,`] || SecureRandom.uuid
      }
    `],[`k`,`rescue`],[``,` StandardError
      {}
    `],[`k`,`end
  end
end

`],[`c`,`# What ends a script is reported too; Ruby prints it as always.`],[``,`
at_exit `],[`k`,`do`],[``,`
  LogCenter.report($!, level: `],[`s`,`"CRITICAL"`],[``,`) `],[`k`,`if`],[``,` $!.is_a?(StandardError)
  LogCenter.flush
`],[`k`,`end`]]},_={name:`report_error.sh`,language:`sh`,pieces:[[`c`,`#!/bin/sh
# Source this in a script: . ./report_error.sh   then   reported pg_dump shop > shop.sql
# In bash also: trap 'report_error CommandFailed "$BASH_COMMAND ended with $?" "$LINENO"' ERR

# report_error TYPE MESSAGE [LINE [STACK]]: never fails. It waits on purpose, 3 seconds at most,
# because scripts end right after.
`],[``,`report_error() {
  curl --silent --max-time `],[`n`,`3 `],[``,`--output /dev/null --data-binary @- \\
    `],[`s`,'"${LOG_CENTER_URL:-http://localhost:8002}/api/v1/logs/report" '],[``,`<<`],[`s`,`EOF || :
{
  "project_id": "my_project",
  "environment": $(json_text "\${ENVIRONMENT:-development}"),
  "version": $(json_text "\${APP_VERSION:-}"),
  "level": "ERROR",
  "error": {
    "type": $(json_text "$1"),
    "message": $(json_text "$2"),
    "file_path": $(json_text "\${0##*/}"),
    "line_number": \${3:-0},
    "stack_trace": $(json_text "\${4:-}")
  },
  "context": {"server_name": $(json_text "$(uname -n)"), "user_id": $(json_text "$(id -un)")}
}
EOF
`],[``,`}

`],[`c`,`# reported COMMAND…: runs it; output and exit code stay as they are, a failure is reported with
# the last lines of its errors.
`],[``,`reported() {
  reported_in=$(mktemp -d)
  { {
    reported_code=`],[`n`,`0
    `],[`s`,`"$@" `],[``,`2>&1 >&3 3>&- || reported_code=$?
    echo `],[`s`,`"$reported_code" `],[``,`>`],[`s`,`"$reported_in/code"
  `],[``,`} | tee `],[`s`,`"$reported_in/errors" `],[``,`>&2; } 3>&1
  reported_code=$(cat `],[`s`,`"$reported_in/code"`],[``,`)
  `],[`k`,`if `],[``,`[ `],[`s`,`"$reported_code" `],[``,`-ne `],[`n`,`0 `],[``,`]; `],[`k`,`then`],[``,`
    report_error `],[`s`,'"${1##*/}" "$* ended with $reported_code" '],[`n`,`0 `],[`s`,`"$(tail -n `],[`n`,`50 `],[`s`,`"$reported_in/errors")"
  `],[`k`,`fi
  `],[``,`rm -rf `],[`s`,`"$reported_in"
  `],[``,`return `],[`s`,`"$reported_code"
`],[``,`}

`],[`c`,`# Any text as a JSON string.
`],[``,`json_text() {
  printf `],[`s`,`'"%s"' "$(printf '%s' "$1" | iconv -c -f UTF-8 -t UTF-8 | tr -d '\\000-\\010\\013-\\037' |
    sed 's/\\\\/\\\\\\\\/g; s/"/\\\\"/g; s/	/\\\\t/g; $!s/$/\\\\n/' | tr -d '\\n')"
`],[``,`}`]]};export{t as _,p as a,u as c,s as d,o as f,n as g,r as h,m as i,l,i as m,g as n,f as o,a as p,h as r,d as s,_ as t,c as u,e as v};