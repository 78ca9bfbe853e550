package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Run runs a front and gives its exit status. SIGINT and SIGTERM cancel the
// front's context; a second one ends the process at once. A reader that closed
// the pipe ends the run quietly.
func Run(ctx context.Context, env *Env, front Front) int {
	ctx, caught, stop := watchSignals(ctx)
	defer stop()

	inner := *env
	toOut, toErr := env.Out, env.Err
	if env.ErrTerminal {
		inner.status = &statusLine{terminal: env.Err}
		defer inner.status.clear()
		toOut, toErr = &clearing{env.Out, inner.status}, &clearing{env.Err, inner.status}
	}
	out := bufio.NewWriterSize(toOut, 1<<16)
	inner.Out, inner.Err = out, &orderedErr{out: out, err: toErr}
	err := front(ctx, &inner)
	if ferr := out.Flush(); err == nil && ferr != nil {
		err = fmt.Errorf("write standard output: %w", ferr)
	}
	if sig := caught(); sig != 0 && errors.Is(err, context.Canceled) {
		err = &SignalError{sig}
	}
	env.Report(err)
	return Status(err)
}

// An orderedErr is standard error that lets what standard output still holds
// go first, so that the two keep their order where they end in one place.
type orderedErr struct {
	out *bufio.Writer
	err io.Writer
}

// Write flushes standard output and writes p to standard error.
func (w *orderedErr) Write(p []byte) (int, error) {
	if err := w.out.Flush(); err != nil {
		return 0, err
	}
	return w.err.Write(p)
}

// watchSignals gives a context that a signal cancels, and which signal it was.
// SIGPIPE is caught, so that a closed pipe is an error of the write; it is not
// ignored, because children would inherit that.
func watchSignals(parent context.Context) (ctx context.Context, caught func() syscall.Signal, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE)
	first := make(chan syscall.Signal, 1)
	done := make(chan struct{})
	go func() {
		for seen := false; ; seen = true {
			select {
			case <-done:
				return
			case sig := <-signals:
				number, _ := sig.(syscall.Signal) // always one, on the systems we build for
				if seen {
					os.Exit(statusSignal + int(number))
				}
				first <- number
				cancel()
			}
		}
	}()
	caught = func() syscall.Signal {
		select {
		case sig := <-first:
			return sig
		default:
			return 0
		}
	}
	stop = func() {
		signal.Stop(signals)
		signal.Stop(pipe)
		close(done)
		cancel()
	}
	return ctx, caught, stop
}
