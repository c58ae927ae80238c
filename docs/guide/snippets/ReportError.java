// Put this beside your classes and add its package line; first thing in main:
//     ReportError.install();
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

public final class ReportError {
    private static final String URL = env("LOG_CENTER_URL", "http://localhost:8002");
    private static final String PROJECT = "my_project";
    private static final Pattern LIBRARIES = Pattern.compile(
        "^(java|javax|jdk|sun|com\\.sun|jakarta|kotlin|org\\.springframework|org\\.apache)\\..*");
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final HttpClient CLIENT =
        HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    // What is more than this at once is dropped.
    private static final Semaphore SLOTS = new Semaphore(20);

    private ReportError() {}

    /** Reports what ends a thread, then prints it as always. */
    public static void install() {
        var previous = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> {
            // Waits on purpose: the program may end with this thread.
            report(error, Map.of("thread", thread.getName()), "CRITICAL")
                .completeOnTimeout(null, 3, TimeUnit.SECONDS).join();
            if (previous != null) {
                previous.uncaughtException(thread, error);
            } else {
                System.err.print("Exception in thread \"" + thread.getName() + "\" ");
                error.printStackTrace();
            }
        });
    }

    /** Reports in the background. In Spring, call it from a filter round the chain, and rethrow. */
    public static CompletableFuture<Void> report(Throwable error, Map<String, ?> context) {
        return report(error, context, "ERROR");
    }

    /** The future never fails; nobody has to wait for it. */
    public static CompletableFuture<Void> report(
            Throwable error, Map<String, ?> context, String level) {
        if (!SLOTS.tryAcquire()) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            var request = HttpRequest.newBuilder(URI.create(URL + "/api/v1/logs/report"))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body(error, context, level)))
                .build();
            return CLIENT.sendAsync(request, BodyHandlers.discarding())
                .handle((answer, failure) -> {
                    SLOTS.release();
                    return null;
                });
        } catch (RuntimeException unsent) { // the application comes first
            SLOTS.release();
            return CompletableFuture.completedFuture(null);
        }
    }

    private static String body(Throwable error, Map<String, ?> context, String level) {
        var trace = new StringWriter();
        error.printStackTrace(new PrintWriter(trace));
        var frames = error.getStackTrace();
        var own = Arrays.stream(frames)
            .filter(frame -> !LIBRARIES.matcher(frame.getClassName()).matches())
            .findFirst().orElse(frames.length > 0 ? frames[0] : null);

        var details = new LinkedHashMap<String, Object>();
        details.put("type", error.getClass().getName());
        details.put("message", error.getMessage() == null ? "" : error.getMessage());
        details.put("file_path", own == null ? "unknown" : path(own));
        details.put("line_number", own == null ? 0 : Math.max(0, own.getLineNumber()));
        details.put("stack_trace", trace.toString().split("\\R"));

        var report = new LinkedHashMap<String, Object>();
        report.put("project_id", PROJECT);
        report.put("environment", env("ENVIRONMENT", "development"));
        report.put("version", env("APP_VERSION", null));
        report.put("level", level);
        report.put("error", details);
        report.put("context", context);
        return json(report, 6);
    }

    /** com/example/shop/Orders.java: the same on every machine. */
    private static String path(StackTraceElement frame) {
        var folder = frame.getClassName().replaceAll("[^.]*$", "").replace('.', '/');
        return folder + frame.getFileName();
    }

    /** JSON without a library; deeper than `depth`, as in circles, everything is text. */
    private static String json(Object value, int depth) {
        if (value == null || value instanceof Boolean
            || value instanceof Integer || value instanceof Long) {
            return String.valueOf(value);
        }
        if (depth > 0 && value instanceof Map) {
            return ((Map<?, ?>) value).entrySet().stream()
                .map(one -> json(one.getKey() + "", 0) + ":" + json(one.getValue(), depth - 1))
                .collect(Collectors.joining(",", "{", "}"));
        }
        if (depth > 0 && value instanceof Collection) {
            return ((Collection<?>) value).stream()
                .map(item -> json(item, depth - 1)).collect(Collectors.joining(",", "[", "]"));
        }
        if (depth > 0 && value instanceof Object[]) {
            return json(Arrays.asList((Object[]) value), depth);
        }
        var text = new StringBuilder("\"");
        text(value).chars().forEach(unit -> {
            if (unit < ' ' || unit == '"' || unit == '\\' || Character.isSurrogate((char) unit)) {
                text.append(String.format("\\u%04x", unit));
            } else {
                text.append((char) unit);
            }
        });
        return text.append('"').toString();
    }

    private static String text(Object value) {
        boolean mayBeCircle = value instanceof Map || value instanceof Collection;
        try {
            return mayBeCircle ? value.getClass().getSimpleName() : value.toString();
        } catch (RuntimeException untold) {
            return value.getClass().getSimpleName();
        }
    }

    private static String env(String name, String fallback) {
        var value = System.getenv(name);
        return value == null || value.isEmpty() ? fallback : value;
    }
}
