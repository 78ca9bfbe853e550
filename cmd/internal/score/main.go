// Command score prints the measured state of the project on one screen: resolver
// cases passed by file, unit vectors passed by file, recorded Flatcar answers
// matched by aspect, figures that tests report, and cache entries made as Portage
// makes them: what is quick first.
//
// It is run by "make score" from the repository. Unit vectors and figures are
// collected from the output of tests, which log them in lines of a fixed form;
// cases and answers are run in its own process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

func main() { cli.Exit(front) }

// options are the options of score.
type options struct {
	repo     string // the repository
	shared   string // the folder of vectors and corpus
	jobs     int
	limit    time.Duration // for one section
	verbose  bool
	text     bool // compare the text output, too
	unit     bool
	vectors  bool
	flatcar  bool
	figures  bool
	metadata bool
	filter   *regexp.Regexp
}

// front reads the command line and prints the sections.
func front(ctx context.Context, env *cli.Env) error {
	o, err := parse(env)
	if err != nil {
		return &cli.UsageError{Program: "score", Msg: err.Error()}
	}
	if _, err := os.Stat(o.shared); err != nil {
		return fmt.Errorf("find vectors and corpus: %w", err)
	}
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "tumpline-score")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // best effort: it holds nothing of value
	var errs []error
	for _, s := range []section{
		{"resolver cases", o.vectors, printVectors}, {"unit vectors", o.unit, printUnit}, {"Flatcar answers", o.flatcar, printFlatcar},
		{"figures", o.figures, printFigures}, {"metadata", o.metadata, printMetadata},
	} {
		if s.wanted && ctx.Err() == nil {
			errs = append(errs, s.run(ctx, env, o, dir))
		}
	}
	return errors.Join(errs...)
}

// A section is one part of the score.
type section struct {
	name   string
	wanted bool
	print  func(context.Context, *cli.Env, *options, string) error
}

// run prints a section within its limit of time. One that takes longer shows
// what it has, and is an error; the others go on.
func (s *section) run(ctx context.Context, env *cli.Env, o *options, dir string) error {
	limited, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	start := time.Now()
	err := s.print(limited, env, o, dir)
	if ctx.Err() == nil && limited.Err() != nil {
		err = errors.Join(err, fmt.Errorf("%s: cut off after %s", s.name, o.limit))
	}
	fmt.Fprintf(env.Err, "%s: %.1f s\n", s.name, time.Since(start).Seconds())
	return err
}

func parse(env *cli.Env) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("score", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.repo, "C", ".", "the repository")
	f.StringVar(&o.shared, "shared", "", "folder of vectors and corpus (default: shared beside the repository)")
	f.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "things at a time")
	f.DurationVar(&o.limit, "limit", 15*time.Minute, "how long a section may take")
	f.BoolVar(&o.verbose, "v", false, "a line for each case and answer that differs")
	f.BoolVar(&o.text, "text", true, "compare the text output of answers, too")
	f.BoolVar(&o.unit, "unit", true, "unit vectors")
	f.BoolVar(&o.vectors, "vectors", true, "resolver cases")
	f.BoolVar(&o.flatcar, "flatcar", true, "recorded Flatcar answers")
	f.BoolVar(&o.figures, "figures", true, "figures that tests report")
	f.BoolVar(&o.metadata, "metadata", true, "metadata of ebuilds; that of flatcar/scripts if FLATCAR_SCRIPTS names a checkout")
	filter := f.String("request", "", "only cases and requests whose name matches a regular expression")
	if err := f.Parse(env.Args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("%q is not expected", f.Arg(0))
	}
	var err error
	if o.filter, err = regexp.Compile(*filter); err != nil {
		return nil, err
	}
	o.repo = env.Abs(o.repo)
	if o.shared == "" {
		o.shared = filepath.Join(filepath.Dir(o.repo), "shared")
	}
	o.shared = env.Abs(o.shared)
	return o, nil
}

// printVectors runs the resolver cases.
func printVectors(ctx context.Context, env *cli.Env, o *options, dir string) error {
	files, errs := resolvertest.Read(filepath.Join(o.shared, "vectors", "resolver"))
	for _, err := range errs {
		fmt.Fprintln(env.Err, err)
	}
	start := time.Now()
	report := resolvertest.Run(ctx, files, adapter.Runner, resolvertest.RunOptions{Dir: dir, Jobs: o.jobs, Filter: o.filter, Timeout: time.Minute, Now: time.Now,
		Told: progress(env.Err, "resolver cases", 100)})
	showVectors(env.Out, report, time.Since(start), o.verbose)
	return nil
}

// printFlatcar replays the recorded requests.
func printFlatcar(ctx context.Context, env *cli.Env, o *options, dir string) error {
	c, err := corpus.Open(filepath.Join(o.shared, "corpus", "flatcar"))
	if err != nil {
		return err
	}
	run := emergeFront()
	if run == nil {
		fmt.Fprintf(env.Out, "Flatcar answers: none of %d, there is no emerge front yet\n", len(c.Requests))
		return nil
	}
	report := corpus.NewBench(c, dir).Replay(ctx, run, corpus.Options{Jobs: o.jobs, Text: o.text, Timeout: 5 * time.Minute, Args: portageArgs(),
		Want: func(r *corpus.Request) bool { return o.filter.MatchString(r.ID) }, Vars: map[string]string{"TUMPLINE_CACHE_DIR": filepath.Join(dir, "cache")},
		Told: progress(env.Err, "Flatcar answers", 10)})
	showFlatcar(env.Out, report, o.verbose)
	return nil
}

// progress tells of every so many things that are done. It is called by one
// goroutine at a time.
func progress(to io.Writer, what string, step int) func(done, total int) {
	start := time.Now()
	return func(done, total int) {
		if done%step == 0 || done == total {
			fmt.Fprintf(to, "%s: %d of %d, %.1f s\n", what, done, total, time.Since(start).Seconds())
		}
	}
}
