//! Stack traces as the engines write them, and the frame that a person would open first.

use super::{culprit, frame};

fn check(stack: &str, expected: &str) {
    let expected = (!expected.is_empty()).then(|| expected.to_owned());
    assert_eq!(culprit(std::iter::once(stack)), expected, "one text: {stack}");
    assert_eq!(culprit(stack.split('\n')), expected, "an array: {stack}");
}

#[test]
fn v8_frames_are_read() {
    check(
        "TypeError: Cannot read properties of undefined (reading 'id')\n    \
         at loadUser (src/users.js:12:34)\n    at main (src/index.js:3:1)",
        "loadUser (src/users.js:12:34)",
    );
    let line = |line: &str, expected: &str| check(&format!("Error: x\n    at {line}"), expected);
    line("/app/a.js:3:29", "/app/a.js:3:29");
    line("async Foo.bar (/app/a.js:2:22)", "Foo.bar (/app/a.js:2:22)");
    line("async /app/a.js:2:22", "/app/a.js:2:22");
    line("new Klass (/app/a.js:2:22)", "new Klass (/app/a.js:2:22)");
    line("get g [as g] (/app/a.js:2:22)", "get g (/app/a.js:2:22)");
    line("Object.<anonymous> (/app/a.js:1:7)", "/app/a.js:1:7");
    line("f (file:///app/my%20a.mjs:1:7)", "f (/app/my%20a.mjs:1:7)");
    line("f (C:\\app\\a b (1)\\a.js:1:7)", "f (C:\\app\\a b (1)\\a.js:1:7)");
    line("/app/(group)/page.js:1:7", "/app/(group)/page.js:1:7");
    line("eval (eval at f (/app/a.js:4:17), <anonymous>:1:6)", "/app/a.js:4:17");
    line("f (https://h:8080/a.js?v=1#x:1:7)", "f (https://h:8080/a.js:1:7)");
    line("f (webpack-internal:///./src/a.ts:1:7)", "f (src/a.ts:1:7)");
    line("f (address at index.android.bundle:1:2345)", "f (index.android.bundle:1:2345)");
}

#[test]
fn what_no_person_can_open_is_passed_over() {
    check(
        "Error: x\n    at Array.map (<anonymous>)\n    at Promise.all (index 0)\n    \
         at native\n    at JSON.parse (native)\n    \
         at eval (eval at <anonymous>, <anonymous>:1:6)\n    \
         at node:internal/process/task_queues:95:5\n    at internal/main.js:17:47\n    \
         at x (chrome-extension://abc/c.js:1:1)\n    at unknown:0:0\n    at y (unknown:5:1)\n    \
         at real (/app/a.js:9:1)",
        "real (/app/a.js:9:1)",
    );
    check("Error: x\n    at Array.map (<anonymous>)\n    at node:internal/a:1:1", "");
    check("map@[native code]\neval code@\nx@moz-extension://u/a.js:1:2", "");
    check("", "");
    check("Error: connect ECONNREFUSED 127.0.0.1:5432", "");
    check("Error: cannot mail user@example.com:25:1 now", "");
    check("Error: cannot mail to bob@example.com:25:1", "");
}

#[test]
fn the_applications_own_frames_come_first() {
    check(
        "Error: x\n    at q (/app/node_modules/pg/lib/q.js:5:1)\n    \
         at repo (/app/src/repo.js:7:3)",
        "repo (/app/src/repo.js:7:3)",
    );
    check(
        "Error: x\n    at q (/app/node_modules/pg/q.js:5:1)",
        "q (/app/node_modules/pg/q.js:5:1)",
    );
    check(
        "f@https://h/node_modules/.vite/deps/vue.js:5:1\ng@https://h/src/App.vue:7:3",
        "g (https://h/src/App.vue:7:3)",
    );
}

#[test]
fn firefox_and_safari_frames_are_read() {
    check("bar@https://h/a.js:3:17\n@https://h/a.js:4:29\n", "bar (https://h/a.js:3:17)");
    check("@https://h/a.js:4:29", "https://h/a.js:4:29");
    check("map@[native code]\nf@https://h/a.js:2:21", "f (https://h/a.js:2:21)");
    check("global code@https://h/a.js:3:5", "https://h/a.js:3:5");
    check("get g@https://h/a.js:3:5", "get g (https://h/a.js:3:5)");
    check("foo/<@https://h/a.js:3:5", "foo (https://h/a.js:3:5)");
    check("async*bar@https://h/a.js:3:5", "bar (https://h/a.js:3:5)");
    check("f@https://h/@scope/react@18/a.js:3:5", "f (https://h/@scope/react@18/a.js:3:5)");
    check("@https://h/ line 5 > eval:1:1\n", "https://h/:5");
    check("f@index.bundle:1:234", "f (index.bundle:1:234)");
}

#[test]
fn the_last_frame_of_pythons_last_traceback_counts() {
    check(
        "Traceback (most recent call last):\n  File \"manage.py\", line 3, in <module>\n    \
         main()\n  \
         File \"apps/users/views.py\", line 42, in get_user\n    \
         user_id = int(request.GET['id'])\n  \
         ValueError: invalid literal for int() with base 10: 'abc'",
        "get_user (apps/users/views.py:42)",
    );
    check(
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in first\n    x\n\
         KeyError: 'x'\n\n\
         During handling of the above exception, another exception occurred:\n\n\
         Traceback (most recent call last):\n  File \"b.py\", line 2, in second\n    \
         raise Wrong() from None\n           ^^^^^^^\nWrong",
        "second (b.py:2)",
    );
    check(
        "Traceback (most recent call last):\n  File \"/app/a.py\", line 5, in load\n    get()\n  \
         File \"/venv/lib/python3.12/site-packages/requests/api.py\", line 73, in get\n    x\n  \
         File \"<frozen importlib._bootstrap>\", line 1, in _find\nX",
        "load (/app/a.py:5)",
    );
    check(
        "  File \"/usr/lib/python3.12/json/decoder.py\", line 355, in raw_decode",
        "raw_decode (/usr/lib/python3.12/json/decoder.py:355)",
    );
    check(
        "  | Traceback (most recent call last):\n  |   File \"a.py\", line 1, in f",
        "f (a.py:1)",
    );
    check("  File \"a.py\", line 3\n    x =\nSyntaxError: invalid syntax", "a.py:3");
    check("  File \"a.py\", line 3, in <module>", "a.py:3");
}

#[test]
fn java_frames_are_read() {
    check(
        "java.lang.IllegalStateException: no\n\t\
         at java.base/java.util.Objects.check(Objects.java:4)\n\t\
         at com.acme.Foo.bar(Foo.java:12)\n\tat com.acme.Main.main(Main.java:3)\n\
         Caused by: java.lang.Error\n\tat com.acme.Db.open(Db.java:7)\n\t... 3 more",
        "com.acme.Foo.bar (Foo.java:12)",
    );
    check(
        "x.Y: z\n\tat sun.reflect.Native.invoke0(Native Method)\n\tat a.B$C.d(Unknown Source)\n\t\
         at app//a.B.lambda$e$0(B.kt:9) ~[b.jar:1.0]",
        "a.B.lambda$e$0 (B.kt:9)",
    );
    check("\tat java.lang.Thread.run(Thread.java:829)", "java.lang.Thread.run (Thread.java:829)");
}

#[test]
fn gos_first_frame_that_is_not_the_runtimes_counts() {
    check(
        "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\n\
         panic({0x45f2a0?, 0xc000012345?})\n\t/usr/local/go/src/runtime/panic.go:770 +0x132\n\
         runtime.goPanicIndex(0x5, 0x3)\n\t/usr/local/go/src/runtime/panic.go:114 +0x74\n\
         main.handler(...)\n\t/src/main.go:42\nmain.main()\n\t/src/main.go:12 +0x1d\n\n\
         goroutine 6 [select]:\nmain.other()\n\t/src/other.go:1 +0x1",
        "main.handler (/src/main.go:42)",
    );
    check(
        "goroutine 7 [running]:\nnet/http.(*conn).serve(0xc0000b4000, {0x1, 0x2})\n\t\
         /usr/local/go/src/net/http/server.go:2009 +0x5f4\nmain.(*Server).get(0xc000)\n\t\
         /go/src/app/server.go:31 +0x2c",
        "main.(*Server).get (/go/src/app/server.go:31)",
    );
    check(
        "goroutine 7 [running]:\nruntime/debug.Stack()\n\t\
         /usr/local/go/src/runtime/debug/stack.go:24 +0x5e\n\
         created by main.run in goroutine 1\n\t/src/run.go:8 +0x5e",
        "main.run (/src/run.go:8)",
    );
    check(
        "boom\nmain.read\n\t/src/read.go:5\nmain.main\n\t/src/main.go:9",
        "main.read (/src/read.go:5)",
    );
}

#[test]
fn a_line_is_taken_apart() {
    let found = frame("    at loadUser (src/users.js:12:34)").unwrap();
    assert_eq!(
        (found.function, found.file, found.line, found.column),
        (Some("loadUser"), "src/users.js", 12, Some(34))
    );
    assert_eq!(frame("    at f (a.js:99999999999)"), None);
    assert_eq!(frame("loadUser is not a function"), None);
}

#[test]
fn an_empty_element_of_an_array_is_a_line() {
    // Go writes the function on the line before; here that line is empty.
    let lines = ["goroutine 1 [running]:", "main.run", "", "\t/src/main.go:4 +0x1d"];
    let expected = Some("/src/main.go:4".to_owned());
    assert_eq!(culprit(std::iter::once(&*lines.join("\n"))), expected);
    assert_eq!(culprit(lines.into_iter()), expected);
    let ended = ["goroutine 1 [running]:\n", "main.run()\n", "\t/src/main.go:4 +0x1d\n"];
    assert_eq!(culprit(ended.into_iter()), Some("main.run (/src/main.go:4)".to_owned()));
}

#[test]
fn hostile_lines_neither_panic_nor_grow() {
    let long = format!("at {} ({}:1:2)", "é".repeat(9_000), "ü".repeat(9_000));
    let shown = culprit(std::iter::once(long.as_str())).unwrap();
    assert_eq!(shown.chars().count(), 256 + 2 + 1_024 + ":1:2)".len());
    for line in
        ["at (", "at )", "@:1:1", "File \"", "File \"\", line ", "at eval at (:1:1)", "::", "a.go:"]
    {
        let _ = culprit(std::iter::once(line));
    }
}
