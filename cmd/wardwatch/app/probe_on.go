//go:build crashpoints

package app

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

var passed atomic.Int64

// probe ends the process with SIGKILL on the n-th passage of the point named in the environment
// variable WARDWATCH_CRASH_AT ("point:n"). This file is only in builds for crash tests.
func probe(point string) {
	at, count, ok := strings.Cut(os.Getenv("WARDWATCH_CRASH_AT"), ":")
	if !ok || at != point {
		return
	}
	if n, err := strconv.ParseInt(count, 10, 64); err == nil && passed.Add(1) == n {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}
