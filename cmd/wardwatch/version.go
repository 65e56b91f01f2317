package main

import (
	"runtime"
	"runtime/debug"
)

// version is set by the build; without it the module's own version stands.
var version = ""

type versionCmd struct{}

// Run prints the version, the revision it was built from and the Go version.
func (versionCmd) Run() error {
	say("wardwatch %s %s", versionText(), runtime.Version())
	return nil
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unversioned"
}
