package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// machine says where the figures come from.
func machine() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s/%s, %d cores%s, load %s", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), loads())
	if busy() {
		fmt.Fprintf(&b, "\nOthers are at work on this machine: trust the ratios and the CPU times, not the wall times.")
	}
	return b.String()
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return " (" + strings.TrimSpace(value) + ")"
		}
	}
	return ""
}

// loads is the load of the last 1, 5 and 15 minutes.
func loads() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	f := strings.Fields(string(text))
	return strings.Join(f[:min(3, len(f))], " ")
}

// busy reports whether more is running than half of the cores can carry.
func busy() bool {
	first, _, _ := strings.Cut(loads(), " ")
	n, err := strconv.ParseFloat(first, 64)
	return err == nil && n > float64(runtime.NumCPU())/2
}

// cpu is how much CPU time a process has used, in seconds.
func cpu(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(f) < 13 {
		return 0, fmt.Errorf("process %d: %q", pid, text)
	}
	user, err := strconv.ParseFloat(f[11], 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseFloat(f[12], 64)
	return (user + system) / ticks, err
}

// ticks is how many parts /proc divides a second of CPU time into: 100 on
// every Linux that Go runs on.
const ticks = 100

// memory is what a process holds now and the most it has held, in MB.
func memory(pid string) (now, peak float64, err error) {
	text, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch name {
		case "VmRSS":
			now = kb / 1024
		case "VmHWM":
			peak = kb / 1024
		}
	}
	if now == 0 {
		err = fmt.Errorf("process %s: the system tells no memory", pid)
	}
	return now, peak, err
}

// forgetPeak begins a new peak of a process's memory.
func forgetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}
