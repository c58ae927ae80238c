// A program with handlers that fail.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
)

func order(w http.ResponseWriter, r *http.Request) {
	var stock map[string]int
	stock["tea"]++ // RAISED HERE
}

func gone(w http.ResponseWriter, r *http.Request) {
	circle := map[string]any{}
	circle["self"] = circle
	context := RequestContext(r)
	context["circle"], context["channel"], context["user_id"] = circle, make(chan int), "u_7"
	err := fmt.Errorf("bill: %w", &fs.PathError{Op: "open", Path: "bill.txt", Err: errors.New("no")})
	ReportError(err, context) // REPORTED HERE
	http.Error(w, "later", http.StatusServiceUnavailable)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/orders/", order)
	mux.HandleFunc("/gone", gone)
	var handler http.Handler = mux
	if os.Getenv("PLAIN") == "" {
		handler = ReportPanics(mux)
	}
	recovering := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if value := recover(); value != nil {
				http.Error(w, fmt.Sprint("recovered: ", value), http.StatusInternalServerError)
			}
		}()
		handler.ServeHTTP(w, r)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	fmt.Println(http.Serve(listener, recovering))
	FlushReports()
}
