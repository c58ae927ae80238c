var e={name:`report_error.go`,language:`go`,pieces:[[`c`,`// Put this into the root folder of your module, and wrap your handler:
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
}`]]};export{e as t};