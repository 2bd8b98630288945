//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// usage is what a child process took. The peak is never below what this process itself holds, a few tens of megabytes.
type usage struct {
	wall, cpu time.Duration
	peakMB    float64
}

// child runs a program to its end. Exit statuses besides 0 that are to be expected are named.
func child(stdout io.Writer, expected []int, program string, args ...string) (usage, error) {
	syscall.Sync() // what an earlier step left to be written is not this one's burden
	cmd := exec.Command(program, args...)
	var complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = stdout, &complaint
	begin := time.Now()
	err := cmd.Run()
	wall := time.Since(begin)
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && slices.Contains(expected, exit.ExitCode())) {
		return usage{}, fmt.Errorf("%s %v: %w: %s", program, args, err, tail(complaint.Bytes()))
	}
	u := usage{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.peakMB = float64(r.Maxrss) / 1024
		if runtime.GOOS == "darwin" { // counts bytes where others count kilobytes
			u.peakMB /= 1024
		}
	}
	return u, nil
}

// answers runs a child that measures by itself, and hands on each of the answers that it writes as JSON.
func answers[T any](program, command, path string, each func(T)) error {
	var out bytes.Buffer
	if _, err := child(&out, nil, program, command, path); err != nil {
		return err
	}
	for d := json.NewDecoder(&out); d.More(); {
		var a T
		if err := d.Decode(&a); err != nil {
			return err
		}
		each(a)
	}
	return nil
}

func tail(b []byte) string {
	if len(b) > 600 {
		b = b[len(b)-600:]
	}
	return string(bytes.TrimSpace(b))
}

// receipt is what the measurements need of `import --json`.
type receipt struct {
	Records, Header, Blank, Accepted, Rejected, Withheld int
}

// importFile imports one file and sees that every record of it is accounted for.
func (b *bench) importFile(data, file string, args ...string) (usage, receipt, error) {
	out, err := os.CreateTemp(b.work, "receipt-")
	if err != nil {
		return usage{}, receipt{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	u, err := child(out, []int{3}, b.program, append([]string{"--data", data, "import", file, "--json"}, args...)...)
	if err != nil {
		return u, receipt{}, err
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return u, receipt{}, err
	}
	var document struct{ Uploads []receipt }
	if err := json.NewDecoder(out).Decode(&document); err != nil {
		return u, receipt{}, fmt.Errorf("receipt of %s: %w", file, err)
	}
	if len(document.Uploads) != 1 {
		return u, receipt{}, fmt.Errorf("%d receipts of %s", len(document.Uploads), file)
	}
	r := document.Uploads[0]
	if r.Records != r.Header+r.Blank+r.Accepted+r.Rejected+r.Withheld {
		return u, r, fmt.Errorf("receipt of %s does not add up: %+v", file, r)
	}
	return u, r, nil
}

// folder is an empty data folder; drop removes it before the run ends, as some are large.
func (b *bench) folder() (path string, drop func(), err error) {
	path, err = os.MkdirTemp(b.work, "data-")
	return path, func() { os.RemoveAll(path) }, err
}

const line = "%-66s %9s %8s %8s %8s  %-12s %s\n"

func printHeader() {
	fmt.Printf("%s, %d processors\n\n", runtime.GOARCH, runtime.NumCPU())
	fmt.Printf(line, "", "seconds", "cpu s", "peak MB", "ratio", "target", "")
}

func (u usage) columns() (wall, cpu, peak string) {
	wall = fmt.Sprintf("%.2f", u.wall.Seconds())
	if u.cpu > 0 {
		cpu = fmt.Sprintf("%.2f", u.cpu.Seconds())
	}
	if u.peakMB > 0 {
		peak = fmt.Sprintf("%.0f", u.peakMB)
	}
	return wall, cpu, peak
}

// show prints a line without a target.
func show(what string, u usage) {
	wall, cpu, peak := u.columns()
	fmt.Printf(line, what, wall, cpu, peak, "", "", "")
}

// judge prints a line with a value that must not be larger than its target.
func (b *bench) judge(what string, u usage, value, target float64, unit string) {
	wall, cpu, peak := u.columns()
	verdict := "pass"
	if value > target {
		verdict = "MISSED"
		b.failed++
	}
	ratio, limit := fmt.Sprintf("%.2f", value), fmt.Sprintf("<= %.2f", target)
	if unit != "" {
		ratio, limit = "", fmt.Sprintf("<= %g %s", target, unit)
	}
	fmt.Printf(line, what, wall, cpu, peak, ratio, limit, verdict)
}

func over(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

// median of several runs, for what takes less than a second.
func median(n int, run func(i int) (usage, error)) (usage, error) {
	all := make([]usage, n)
	for i := range all {
		var err error
		if all[i], err = run(i); err != nil {
			return usage{}, err
		}
	}
	slices.SortFunc(all, func(a, b usage) int { return int(a.wall - b.wall) })
	return all[n/2], nil
}
