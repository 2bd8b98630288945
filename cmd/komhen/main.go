// Command komhen runs count weeks: it takes uploads in, counts each contact once, and gives the figures back.
//
// Danger: one process owns a data folder at a time; a command that finds it taken exits with status 5 and says who has it.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"komhen/queries"
)

func main() {
	syscall.Umask(0o077) // the data folder is nobody else's; what -o writes is opened up when it is whole
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(80) // an import is a stream: collecting a little more often costs less than the memory
	}
	if os.Getenv("GOMAXPROCS") == "" {
		// What writes to the disk, or is in the database, keeps a place until the runtime notices; another may go on meanwhile.
		runtime.GOMAXPROCS(queries.Processors + 1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := &program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	status := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}
