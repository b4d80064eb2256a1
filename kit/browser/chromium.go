// Package browser drives a real Chromium for tests: it clicks what a person
// clicks, types what a person types, and fails the test for what a person
// would not see: an error in the console, a request to a stranger, a page
// that a screen reader stumbles over.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// names are what the program is called by Debian and others.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

var errMissing = errors.New("no Chromium here; get it with: apt-get install --no-install-recommends chromium fonts-noto-cjk")

func program() (string, error) {
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
	}
	return "", errMissing
}

// chromium is the one browser of this process. It lives until the process
// ends, which takes it along.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := program()
	if err != nil {
		return nil, err
	}
	sweep()
	dir, err := os.MkdirTemp("", fmt.Sprintf("unionhall-chromium-%d-", os.Getpid()))
	if err != nil {
		return nil, err
	}
	ctx, _ := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(dir),
		chromedp.NoSandbox, // root may not have one
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("lang", "zh-CN"),
		chromedp.Flag("font-render-hinting", "none"),
	)...)
	ctx, _ = chromedp.NewContext(ctx)
	return ctx, chromedp.Do(ctx) // starts it
})

// sweep removes the folders of browsers whose process is gone.
func sweep() {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "unionhall-chromium-*"))
	if err != nil {
		return
	}
	for _, dir := range left {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), "unionhall-chromium-"), "-")
		if n, err := strconv.Atoi(pid); err == nil && n != os.Getpid() && !alive(n) {
			os.RemoveAll(dir)
		}
	}
}

func alive(pid int) bool {
	_, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid)))
	return err == nil
}
