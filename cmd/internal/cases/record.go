package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/recording"
)

// recordOptions are the options of "cases record".
type recordOptions struct {
	output string // absolute; "" for standard output
	title  string
	args   []string // emerge's
}

// recordCommand makes the command line of "cases record".
func recordCommand(env *cli.Env, record func(*recordOptions)) *cobra.Command {
	o := &recordOptions{}
	c := &cobra.Command{Use: "record [-o FILE] -- EMERGE-ARGUMENT...", Short: "write a request with its answer as a case",
		Long: recordHelp(), Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if o.output != "" {
				o.output = env.Abs(o.output)
			}
			o.args = args
			record(o)
			return nil
		}}
	c.Flags().StringVarP(&o.output, "output", "o", "", "`file` to write, *.txtar; without it the case is printed")
	c.Flags().StringVar(&o.title, "title", "", "a `line` for the top of the file")
	return c
}

func recordHelp() string {
	var b strings.Builder
	b.WriteString(`Resolve a request as emerge --pretend does and write it down as a text world: the
packages that the resolver looked at, the configuration as it applies to them, the
request, and the answer as what is expected. The file needs nothing of the system
it comes from: a bug report is a file that replays with "tumpline cases run FILE".

The case is run once before it is written. If it does not give the recorded
answer, that is told, the file is written all the same, and the exit status is 1.

    tumpline cases record -o report.txtar -- --update --deep @world

What the file does not hold:
`)
	for _, l := range recording.Limits() {
		b.WriteString("\n")
		fill(&b, "  * ", l)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// fill writes a sentence in lines of at most 80 columns.
func fill(b *strings.Builder, mark, text string) {
	at := 0
	for i, w := range strings.Fields(text) {
		switch {
		case i == 0:
			b.WriteString(mark)
			at = len(mark)
		case at+1+len(w) > 80:
			b.WriteString("\n    ")
			at = 4
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(w)
		at += len(w)
	}
	b.WriteByte('\n')
}

// record records one request.
func record(ctx context.Context, env *cli.Env, runner resolvertest.Runner, o *recordOptions) error {
	asked := *env
	asked.Name, asked.Args = "emerge", append([]string{"--pretend"}, o.args...)
	return emerge.Answer(ctx, &asked, func(a *emerge.Answered) error {
		p, err := recording.Make(&recording.Request{Args: a.Args, Options: caseOptions(a), Result: a.Result})
		if err != nil {
			return err
		}
		text, err := resolvertest.FormatText(title(o), p)
		if err != nil {
			return err
		}
		if err := write(env, o, text); err != nil {
			return err
		}
		return replay(ctx, env, runner, text)
	})
}

func title(o *recordOptions) string {
	text := "Recorded by " + cli.Version() + ": emerge --pretend " + strings.Join(o.args, " ")
	if o.title != "" {
		text = o.title + "\n" + text
	}
	return text
}

// write writes the file, whole or not at all.
func write(env *cli.Env, o *recordOptions, text []byte) error {
	if o.output == "" {
		_, err := env.Out.Write(text)
		return err
	}
	return atomicfile.WriteFile(o.output, text, 0o644)
}

// replay runs the case that was recorded and tells where it differs.
func replay(ctx context.Context, env *cli.Env, runner resolvertest.Runner, text []byte) error {
	file, err := resolvertest.ParseText("recorded.txtar", text)
	if err != nil {
		return fmt.Errorf("internal error: the recorded case cannot be read: %w", err)
	}
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "tumpline-record")
	if err != nil {
		return fmt.Errorf("make a folder for the recorded world: %w", err)
	}
	defer os.RemoveAll(dir) // best effort: it holds nothing of value
	report := resolvertest.Run(ctx, []*resolvertest.File{file}, runner, resolvertest.RunOptions{Dir: dir, Timeout: time.Minute})
	var differences bytes.Buffer
	for _, out := range report.Failed() {
		if out.Err != nil {
			fmt.Fprintln(&differences, "cases record: the case does not replay:", oneLine(out.Err.Error()))
		}
		for _, d := range out.Differences() {
			fmt.Fprintln(&differences, "cases record: the case does not replay:", d)
		}
	}
	if differences.Len() == 0 {
		return nil
	}
	if _, err := io.Copy(env.Err, &differences); err != nil {
		return errors.Join(err, &cli.FailedError{Status: cli.StatusFailure})
	}
	return &cli.FailedError{Status: cli.StatusFailure}
}

// shown are options that only change what is printed, or where things are.
var shown = [...]string{
	"--ask", "--color", "--columns", "--json", "--json-version", "--nospinner", "--pretend", "--quiet", "--verbose", "--alphabetical",
	"--quiet-repo-display", "--ignore-default-opts", "--root", "--config-root", "--sysroot", "--prefix", "--build-root",
	"--explain", "--explain-not", "--jobs", "--load-average", "--keep-going",
}

// caseOptions are the options of a request as cases give them.
func caseOptions(a *emerge.Answered) resolvertest.Options {
	o := resolvertest.Options{}
	for name, v := range a.Options {
		switch v.Kind {
		case emerge.KindTrue:
			o[name] = resolvertest.Flag(true)
		case emerge.KindFalse:
			o[name] = resolvertest.Text("n")
		case emerge.KindInteger:
			o[name] = resolvertest.Number(v.Int)
		case emerge.KindNumber:
			o[name] = resolvertest.Text(strconv.FormatFloat(v.Float, 'g', -1, 64))
		case emerge.KindList:
			o[name] = resolvertest.List(strings.Fields(strings.Join(v.List, " "))...)
		default:
			o[name] = resolvertest.Text(v.Text)
		}
	}
	for _, name := range shown {
		delete(o, name)
	}
	return o
}
