package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("read x: no such file"), 1},
		{&cli.RefusedError{Program: "emerge", What: "--sync"}, 1},
		{fmt.Errorf("x: %w", &cli.UsageError{Program: "emerge", Msg: "bad"}), 2},
		{&cli.FailedError{Status: 1}, 1},
		{fmt.Errorf("x: %w", &cli.StatusError{Status: 64, Err: errors.New("not a directory")}), 64},
		{&cli.SignalError{Signal: syscall.SIGINT}, 130},
		{&cli.SignalError{Signal: syscall.SIGTERM}, 143},
		{fmt.Errorf("write: %w", syscall.EPIPE), 141},
	} {
		if got := cli.Status(c.err); got != c.want {
			t.Errorf("Status(%v) = %d, want %d", c.err, got, c.want)
		}
	}
}

func TestRunReportsOnce(t *testing.T) {
	for _, c := range []struct {
		err        error
		wantErr    string
		wantStatus int
	}{
		{nil, "", 0},
		{errors.New("read x: gone"), "read x: gone\n", 1},
		{&cli.UsageError{Program: "emerge", Usage: "usage: emerge\n", Msg: "bad word"}, "usage: emerge\nemerge: error: bad word\n", 2},
		{&cli.RefusedError{Program: "emerge", What: "--sync"}, "emerge: --sync is not implemented yet\n", 1},
		{&cli.FailedError{Status: 1}, "", 1},
		{syscall.EPIPE, "", 141},
	} {
		var out, errs bytes.Buffer
		env := &cli.Env{Streams: cli.Streams{Out: &out, Err: &errs}}
		status := cli.Run(context.Background(), env, func(context.Context, *cli.Env) error { return c.err })
		if status != c.wantStatus || errs.String() != c.wantErr || out.Len() != 0 {
			t.Errorf("Run(%v) = %d, out %q, err %q; want %d, err %q", c.err, status, out.String(), errs.String(), c.wantStatus, c.wantErr)
		}
	}
}

// Both streams may end in one file: what was written first stays first.
func TestStreamsKeepTheirOrder(t *testing.T) {
	var both bytes.Buffer
	env := &cli.Env{Streams: cli.Streams{Out: &both, Err: &both}}
	cli.Run(context.Background(), env, func(_ context.Context, env *cli.Env) error {
		fmt.Fprintln(env.Out, "one")
		fmt.Fprintln(env.Err, "two")
		fmt.Fprintln(env.Out, "three")
		return nil
	})
	if got, want := both.String(), "one\ntwo\nthree\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What is printed takes the status line away, and nothing is left of it.
func TestStatusLine(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		var both bytes.Buffer
		env := &cli.Env{Streams: cli.Streams{Out: &both, Err: &both, ErrTerminal: terminal}}
		cli.Run(context.Background(), env, func(_ context.Context, env *cli.Env) error {
			env.ShowStatus("working")
			fmt.Fprintln(env.Out, "one")
			fmt.Fprintln(env.Err, "two")
			return nil
		})
		want := "one\ntwo\n"
		if terminal {
			want = "\rworking\x1b[K\r\x1b[K" + want
		}
		if got := both.String(); got != want {
			t.Errorf("terminal %v: %q, want %q", terminal, got, want)
		}
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func TestRunIsQuietAboutAClosedPipe(t *testing.T) {
	var errs bytes.Buffer
	env := &cli.Env{Streams: cli.Streams{Out: closedPipe{}, Err: &errs}}
	status := cli.Run(context.Background(), env, func(_ context.Context, env *cli.Env) error {
		_, err := fmt.Fprintln(env.Out, strings.Repeat("x", 1<<17))
		return err
	})
	if status != 141 || errs.Len() != 0 {
		t.Errorf("status %d, standard error %q; want 141 and nothing", status, errs.String())
	}
}

func TestUseColour(t *testing.T) {
	type vars = map[string]string
	for _, c := range []struct {
		option   cli.Colour
		terminal bool
		vars     vars
		want     bool
	}{
		{cli.ColourAuto, true, vars{}, true},
		{cli.ColourAuto, false, vars{}, false},
		{cli.ColourAlways, false, vars{"NO_COLOR": "1", "TERM": "dumb"}, true},
		{cli.ColourNever, true, vars{}, false},
		{cli.ColourAuto, true, vars{"TERM": "dumb"}, false},
		{cli.ColourAuto, true, vars{"NOCOLOR": "True"}, false},
		{cli.ColourAuto, true, vars{"NOCOLOR": "1"}, true},
		{cli.ColourAuto, true, vars{"NO_COLOR": "0"}, false},
		{cli.ColourAuto, true, vars{"NO_COLOR": "", "NOCOLOR": "yes"}, true},
	} {
		streams := cli.Streams{OutTerminal: c.terminal}
		got := streams.UseColour(c.option, func(name string) (string, bool) { v, ok := c.vars[name]; return v, ok })
		if got != c.want {
			t.Errorf("UseColour(%s, terminal %v, %v) = %v, want %v", c.option, c.terminal, c.vars, got, c.want)
		}
	}
}
