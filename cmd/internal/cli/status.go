package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Exit statuses, as emerge's. A process ended by signal n has 128+n.
const (
	StatusOK      = 0
	StatusFailure = 1 // the request has no answer, or a file could not be used
	StatusUsage   = 2 // the command line cannot be understood
	statusSignal  = 128
)

// A UsageError is a command line that cannot be understood.
type UsageError struct {
	Program string // "emerge"
	Usage   string // how it is called; shown first; may be empty
	Msg     string
}

func (e *UsageError) Error() string { return fmt.Sprintf("%s: error: %s", e.Program, e.Msg) }

// A RefusedError is something understood that the program does not do.
type RefusedError struct {
	Program string
	What    string // the option or action
	Why     string // may be empty
}

func (e *RefusedError) Error() string {
	msg := fmt.Sprintf("%s: %s is not implemented yet", e.Program, e.What)
	if e.Why != "" {
		msg += ": " + e.Why
	}
	return msg
}

// A FailedError is a failure that has already been told to the user: it only
// carries the exit status.
type FailedError struct {
	Status int
}

func (e *FailedError) Error() string { return fmt.Sprintf("exit status %d", e.Status) }

// A StatusError is an error with an exit status of its own, where the original of
// a command has one that scripts may know.
type StatusError struct {
	Status int
	Err    error
}

func (e *StatusError) Error() string { return e.Err.Error() }
func (e *StatusError) Unwrap() error { return e.Err }

// A SignalError says that a signal ended the run.
type SignalError struct {
	Signal syscall.Signal
}

func (e *SignalError) Error() string { return fmt.Sprintf("Exiting on signal %d", int(e.Signal)) }

// A Statuser is an error with an exit status of its own.
type Statuser interface {
	error
	ExitStatus() int
}

// Status is the exit status of an error; every front's errors come through
// here. A broken pipe counts as the signal it stands for.
func Status(err error) int {
	var (
		usage  *UsageError
		failed *FailedError
		stated *StatusError
		signal *SignalError
	)
	var other Statuser
	switch {
	case err == nil:
		return StatusOK
	case errors.As(err, &stated):
		return stated.Status
	case errors.As(err, &usage):
		return StatusUsage
	case errors.As(err, &failed):
		return failed.Status
	case errors.As(err, &signal):
		return statusSignal + int(signal.Signal)
	case errors.Is(err, syscall.EPIPE):
		return statusSignal + int(syscall.SIGPIPE)
	case errors.As(err, &other):
		return other.ExitStatus()
	default:
		return StatusFailure
	}
}

// Report tells the user about an error on w. What was told before, and a reader
// that went away, are passed over in silence.
func (e *Env) Report(err error) {
	var (
		data   *DataError
		usage  *UsageError
		failed *FailedError
		signal *SignalError
	)
	switch {
	case err == nil, errors.As(err, &failed), errors.Is(err, syscall.EPIPE):
	case errors.As(err, &data):
		_ = data.write(e.Err)
	case errors.As(err, &usage):
		// Nothing can be done about a closed standard error, here and below.
		_, _ = fmt.Fprintf(e.Err, "%s%s\n", usage.Usage, usage)
	case errors.As(err, &signal):
		_, _ = fmt.Fprintf(e.Err, "\n\n%s\n", signal)
	default:
		_, _ = fmt.Fprintf(e.Err, "%s\n", err)
	}
}

// Front is one command: it reads the Env and writes to its streams. Out is
// buffered; what was written is flushed when the front returns.
type Front func(ctx context.Context, env *Env) error

// Exit ends the process with the status of a front's run.
func Exit(front Front) {
	env := System()
	if _, ok := env.Vars["GOGC"]; !ok {
		env.collection = collectLate()
	}
	os.Exit(Run(context.Background(), env, front))
}
