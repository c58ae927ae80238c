<?php
// Put this into the root folder of your project, and load it first of all:
//     require_once __DIR__ . '/report_error.php';

const LOG_CENTER_PROJECT = 'my_project';

/** Notes an error; what is noted is sent when the answer is out. Never throws. */
function report_error(Throwable $error, array $context = [], string $level = 'ERROR'): void
{
    static $seen = null, $left = 20; // reports of one request
    $seen ??= new WeakMap();
    if (isset($seen[$error]) || $left-- <= 0) {
        return;
    }
    $seen[$error] = true;
    [$file, $line] = log_center_place($error);
    $report = [
        'project_id' => LOG_CENTER_PROJECT,
        'environment' => getenv('ENVIRONMENT') ?: 'development',
        'version' => getenv('APP_VERSION') ?: null,
        'level' => $level,
        'error' => [
            'type' => get_class($error),
            'message' => $error->getMessage(),
            'file_path' => $file,
            'line_number' => $line,
            'stack_trace' => explode("\n", (string) $error),
        ],
        'context' => $context + log_center_request(),
    ];
    // Circles and what JSON does not know become null.
    $lenient = JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE;
    try {
        $body = json_encode($report, $lenient);
    } catch (Throwable) {
        $body = json_encode(['context' => null] + $report, $lenient);
    }
    register_shutdown_function('log_center_send', $body);
}

function log_center_send(string $body): void
{
    // PHP waits for what it sends; under PHP-FPM the visitor already has the answer by then.
    if (function_exists('fastcgi_finish_request')) {
        fastcgi_finish_request();
    }
    $url = (getenv('LOG_CENTER_URL') ?: 'http://localhost:8002') . '/api/v1/logs/report';
    $http = ['method' => 'POST', 'header' => 'Content-Type: application/json', 'content' => $body];
    @file_get_contents($url, false, stream_context_create(['http' => $http + ['timeout' => 3]]));
}

/** The innermost frame outside of vendor/, relative to the folder of this file. */
function log_center_place(Throwable $error): array
{
    $first = ['file' => $error->getFile(), 'line' => $error->getLine()];
    foreach ([$first, ...$error->getTrace(), $first] as $frame) {
        $file = $frame['file'] ?? '/vendor/';
        if (!str_contains($file, '/vendor/')) {
            break;
        }
    }
    return [str_replace(__DIR__ . '/', '', $file), $frame['line'] ?? 0];
}

function log_center_request(): array
{
    if (PHP_SAPI === 'cli') {
        return ['method' => 'CLI', 'params' => $_SERVER['argv'] ?? []];
    }
    return [
        'url' => $_SERVER['REQUEST_URI'] ?? null,
        'method' => $_SERVER['REQUEST_METHOD'] ?? null,
        'params' => $_GET,
        'user_id' => $_SESSION['user_id'] ?? null,
        'request_id' => $_SERVER['HTTP_X_REQUEST_ID'] ?? bin2hex(random_bytes(16)),
    ];
}

set_exception_handler(function (Throwable $error): void {
    report_error($error, [], 'CRITICAL');
    restore_exception_handler();
    throw $error; // PHP, or the handler from before, answers as always
});

set_error_handler(function (int $kind, string $message, string $file, int $line): bool {
    if (error_reporting() & $kind & (E_WARNING | E_USER_WARNING | E_USER_ERROR)) {
        report_error(new ErrorException($message, 0, $kind, $file, $line), [], 'WARNING');
    }
    return false; // PHP goes on as always
});

register_shutdown_function(function (): void {
    // Out of memory, out of time, a file that cannot be parsed: no handler sees these.
    ['type' => $kind, 'message' => $message, 'file' => $file, 'line' => $line] = error_get_last()
        ?? ['type' => 0, 'message' => '', 'file' => '', 'line' => 0];
    $fatal = $kind & (E_ERROR | E_PARSE | E_COMPILE_ERROR);
    if ($fatal && !str_starts_with($message, 'Uncaught ')) {
        report_error(new ErrorException($message, 0, $kind, $file, $line), [], 'CRITICAL');
    }
});
