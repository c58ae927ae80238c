<?php
// A site whose pages fail.
if (!getenv('PLAIN')) {
    require_once __DIR__ . '/report_error.php';
}
require_once __DIR__ . '/vendor/acme/parse.php';
$_SESSION['user_id'] = 'u_7';

$path = parse_url($_SERVER['REQUEST_URI'] ?? '/orders/7', PHP_URL_PATH);
if ($path === '/warned') {
    echo 'before ';
    echo hexdec('xyz') . @file_get_contents('/missing') . file_get_contents('/missing'); // WARNED HERE
    echo 'after';
} elseif ($path === '/full') {
    ini_set('memory_limit', '8M');
    $text = str_repeat('x', 100_000_000); // FULL HERE
} elseif ($path === '/odd') {
    $circle = ['resource' => STDERR ?? null, 'bad' => "\xff", 'nan' => NAN];
    $circle['self'] = &$circle;
    report_error(new LogicException('by hand'), ['circle' => $circle]); // BY HAND
    echo 'went on';
} elseif (str_starts_with($path, '/orders/')) {
    parse('{'); // RAISED HERE
} else {
    http_response_code(403);
    echo 'refused';
}
