var e={name:`ReportError.java`,language:`java`,pieces:[[`c`,`// Put this beside your classes and add its package line; first thing in main:
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
}`]]};export{e as t};