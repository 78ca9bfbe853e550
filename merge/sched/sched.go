// Package sched runs tasks that depend on each other, as many at a time as their
// lanes and the load of the machine allow.
//
// Of the tasks that could start it starts the one with the longest path of
// expected work behind it, or, where lists are to be kept to, the first. It knows
// nothing of packages: a task is a function. Time and load are asked of the
// caller, so that a run with given answers always starts the same tasks in the
// same order.
package sched

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Task is one piece of work. The zero values of Needs, After and Concludes
// mean none.
type Task struct {
	Name string
	Lane string // tasks of one lane share a limit
	// Needs are tasks that must have ended well before this one starts.
	Needs []Need
	// After are tasks that must have ended, one way or another; dropped ones count.
	After []int
	// Concludes is the task that this one brings to its end, counted from 1: it
	// is started even when a failure or the end of the run lets nothing new start.
	Concludes int
	// Expected is how long the task is likely to take.
	Expected time.Duration
	// Run does the work. It ends early if the context is cancelled.
	Run func(ctx context.Context) error
}

// A Need is a task that another one needs.
type Need struct {
	Task int
	// Without says whether the other task can do without this one, which did not
	// end well; nil: it cannot.
	Without func() bool
}

// A Lane limits the tasks of a kind.
type Lane struct {
	Limit int // running at a time; 0: any number
	// Idle are lanes of which no task may run, or be able to start, for one of
	// this lane to start.
	Idle []string
	// Load says that the limit of the load holds for this lane.
	Load bool
}

// A Clock tells the time, and when time has passed.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// Options say how tasks are run.
type Options struct {
	Lanes map[string]Lane // a lane that is missing has no limit
	// InOrder starts the first task that can start, rather than the one with the
	// longest path of work behind it.
	InOrder bool
	// KeepGoing goes on after a failure with all that does not need what failed.
	KeepGoing bool
	// MaxLoad is the load from which on no further task of a lane with Load
	// starts while one is running; 0: none.
	MaxLoad float64
	Load    func() (float64, bool) // the load of the last minute, if it is known
	Clock   Clock                  // needed with MaxLoad
	// Started and Ended are told of each task, one at a time; either may be nil.
	Started func(task int)
	Ended   func(task int, r Result)
}

// Outcome says how a task ended.
type Outcome uint8

const (
	Waiting  Outcome = iota // it was never started
	Done                    // it ended well
	Failed                  // it ended with an error
	Dropped                 // it was not started because it needs one that failed
	Canceled                // the end of the run ended it
)

// String names the outcome.
func (o Outcome) String() string {
	names := [...]string{"waiting", "done", "failed", "dropped", "canceled"}
	if int(o) < len(names) {
		return names[o]
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// A Result is how a task ended.
type Result struct {
	Outcome Outcome
	Err     error // of a task that failed or was cancelled
	Because int   // of a dropped task: the task it needs, counted from 1
}

// A CycleError names tasks that wait for each other.
type CycleError struct {
	Tasks []string
}

func (e *CycleError) Error() string {
	return fmt.Sprintf("tasks wait for each other: %v", e.Tasks)
}

// Run runs the tasks and returns how each ended, in their order. Its error is
// that of the context, or of tasks that cannot be run at all (*CycleError).
// That tasks failed is no error. No task is running when it returns.
func Run(ctx context.Context, tasks []Task, o Options) ([]Result, error) {
	r, err := newRun(tasks, o)
	if err != nil {
		return nil, err
	}
	r.loop(ctx)
	if ctx.Err() != nil && r.unfinished() {
		return r.results, context.Cause(ctx)
	}
	return r.results, nil
}

// ErrNeeds is wrapped by errors about needs that name no task.
var ErrNeeds = errors.New("no such task")
