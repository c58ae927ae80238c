// Put this into the root folder of your module, and wrap your handler:
//
//	http.ListenAndServe(":8080", ReportPanics(mux))
package main

import (
	"bytes"
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
)

const logCenterProject = "my_project"

var (
	logCenterURL = envOr("LOG_CENTER_URL", "http://localhost:8002")
	reportClient = &http.Client{Timeout: 3 * time.Second}
	reportSlots  = make(chan struct{}, 20) // what is more than this at once is dropped
	reportsOpen  sync.WaitGroup
	sourceRoot   = callerFolder() // of this file, as the compiler saw it
)

// ReportError reports err from where it is called, in the background; it never panics.
func ReportError(err error, context map[string]any) {
	report(err, context, "ERROR")
}

// FlushReports waits for what is being sent, 3 seconds at most; for the end of main.
func FlushReports() { reportsOpen.Wait() }

// ReportPanics reports what a handler panics with, then panics again, so that
// net/http or your own recovery answers as before.
func ReportPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if value != http.ErrAbortHandler {
				err, isError := value.(error)
				if !isError {
					err = panicked{value}
				}
				report(err, RequestContext(r), "CRITICAL")
			}
			panic(value)
		}()
		next.ServeHTTP(w, r)
	})
}

// RequestContext tells which request it was; add the user where you know one.
func RequestContext(r *http.Request) map[string]any {
	id := r.Header.Get("X-Request-Id")
	if id == "" {
		random := make([]byte, 16)
		_, _ = rand.Read(random)
		id = fmt.Sprintf("%x", random)
	}
	return map[string]any{
		"url": r.URL.RequestURI(), "method": r.Method, "params": r.URL.Query(), "request_id": id,
	}
}

type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprint(p.value) }

func report(err error, context map[string]any, level string) {
	defer func() { _ = recover() }() // the application comes first
	file, line, stack := callers()
	body, failed := json.Marshal(map[string]any{
		"project_id":  logCenterProject,
		"environment": envOr("ENVIRONMENT", "development"),
		"version":     envOr("APP_VERSION", ""),
		"level":       level,
		"error": map[string]any{
			"type":        typeName(err),
			"message":     err.Error(),
			"file_path":   file,
			"line_number": line,
			"stack_trace": stack,
		},
		"context": plain(context),
	})
	if failed != nil {
		return
	}
	select {
	case reportSlots <- struct{}{}:
		reportsOpen.Add(1)
		go send(body)
	default:
	}
}

func send(body []byte) {
	defer func() { <-reportSlots; reportsOpen.Done() }()
	answer, err := reportClient.Post(
		logCenterURL+"/api/v1/logs/report", "application/json", bytes.NewReader(body))
	if err == nil {
		_ = answer.Body.Close()
	}
}

// callers finds the innermost frame below this file's folder, and the whole stack.
func callers() (file string, line int, stack []string) {
	file = "unknown"
	counters := make([]uintptr, 64)
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters)])
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		path := strings.TrimPrefix(filepath.ToSlash(frame.File), sourceRoot)
		if path == "report_error.go" {
			continue
		}
		stack = append(stack, fmt.Sprintf("%s (%s:%d)", frame.Function, path, frame.Line))
		if line == 0 && path != frame.File && !strings.HasPrefix(path, "vendor/") {
			file, line = path, frame.Line
		}
	}
	return file, line, stack
}

func callerFolder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.ToSlash(filepath.Dir(file)) + "/"
}

// typeName looks through fmt.Errorf("…: %w", err), which says nothing.
func typeName(err error) string {
	for strings.HasPrefix(fmt.Sprintf("%T", err), "*fmt.") && errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	if _, isPanic := err.(panicked); isPanic {
		return "panic"
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", err), "*")
}

// plain replaces what JSON cannot hold, such as channels and circles, by its type.
func plain(context map[string]any) map[string]any {
	kept := map[string]any{}
	for key, value := range context {
		if encoded, err := json.Marshal(value); err == nil {
			kept[key] = json.RawMessage(encoded)
		} else {
			kept[key] = fmt.Sprintf("%T", value)
		}
	}
	return kept
}

func envOr(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}
