package reader

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// own makes the child die with us, and gives it a group of its own, by which all its threads are named.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// humble puts the child behind the rest of the machine: for time, and as the first to end where memory
// runs out. Where the system does not allow it, the child is no worse than before.
func humble(pid int) {
	const behind = 10
	_ = syscall.Setpriority(syscall.PRIO_PGRP, pid, behind)
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("500"), 0)
}

// resident is how much memory the child has, in bytes; 0 when that cannot be known.
func resident(pid int) uint64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}
