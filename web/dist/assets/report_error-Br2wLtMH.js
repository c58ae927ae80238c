var e={name:`report_error.php`,language:`php`,pieces:[[``,`<?php
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
});`]]};export{e as t};