package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// A tally is a number of records passed out of those that there are.
type tally struct {
	passed, total, inapplicable int
}

// A harvest is what the tests have logged.
type harvest struct {
	vectors map[string]tally // by file of unit vectors
	figures []string
	failed  []string // packages whose tests failed
}

var (
	vectorLine = regexp.MustCompile(`vectors: unit/([A-Za-z0-9_]+)(?:/\S+)? (\d+)/(\d+)(?: inapplicable (\d+))?$`)
	figureLine = regexp.MustCompile(`figure: (\S.*)$`)
	failedLine = regexp.MustCompile(`^FAIL\s+(\S+)\s*(\[build failed\])?`)
)

// reap collects the lines of the fixed form from the output of tests.
func reap(output string) harvest {
	h := harvest{vectors: map[string]tally{}}
	for l := range strings.Lines(output) {
		l = strings.TrimSpace(l)
		if m := vectorLine.FindStringSubmatch(l); m != nil {
			t := h.vectors[m[1]]
			h.vectors[m[1]] = tally{t.passed + number(m[2]), t.total + number(m[3]), t.inapplicable + number(m[4])}
		} else if m := figureLine.FindStringSubmatch(l); m != nil {
			h.figures = append(h.figures, m[1])
		} else if m := failedLine.FindStringSubmatch(l); m != nil {
			h.failed = append(h.failed, strings.TrimSpace(m[1]+" "+m[2]))
		}
	}
	return h
}

// number reads the digits that a regular expression matched; none are 0.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0 // empty, or more than any test has
	}
	return n
}

// records counts the records of each file of unit vectors.
func records(dir string) (names []string, count map[string]int, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, nil, err
	}
	count = map[string]int{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		var file struct {
			Records []json.RawMessage `json:"records"`
		}
		if err := json.Unmarshal(data, &file); err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", path, err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		names = append(names, name)
		count[name] = len(file.Records)
	}
	slices.Sort(names)
	return names, count, nil
}

// What tests that "-run Vectors" chooses look like, and those of them that
// replay unit vectors.
var (
	testName = regexp.MustCompile(`(?m)^func (Test|Example|Fuzz)\w*Vectors`)
	unitLog  = regexp.MustCompile(`Logf\("vectors: unit/`)
)

// testPackages lists the packages below a repository that have tests which
// "-run Vectors" chooses, as go test takes them: those that replay unit
// vectors, and the others, which report figures and take longer. (Building the
// tests of all packages takes minutes.)
func testPackages(repo string) (unit, figures []string, err error) {
	chosen, replaying := map[string]bool{}, map[string]bool{}
	err = filepath.WalkDir(repo, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != repo && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if rel, err := filepath.Rel(repo, filepath.Dir(path)); err == nil && testName.Match(text) {
			dir := "./" + filepath.ToSlash(rel)
			chosen[dir] = true
			replaying[dir] = replaying[dir] || unitLog.Match(text)
		}
		return nil
	})
	for _, dir := range slices.Sorted(maps.Keys(chosen)) {
		if replaying[dir] {
			unit = append(unit, dir)
		} else {
			figures = append(figures, dir)
		}
	}
	return unit, figures, err
}

// printUnit runs the tests that replay unit vectors and shows what they say.
func printUnit(ctx context.Context, env *cli.Env, o *options, _ string) error {
	names, count, err := records(filepath.Join(o.shared, "vectors", "unit"))
	if err != nil {
		return fmt.Errorf("count unit vectors: %w", err)
	}
	packages, _, err := testPackages(o.repo)
	if err != nil {
		return fmt.Errorf("look for tests: %w", err)
	}
	h, err := runTests(ctx, o, packages, &teller{to: env.Err, what: "unit vectors", total: len(packages)})
	if err != nil {
		return err
	}
	showUnit(env.Out, h, names, count)
	showTests(env.Out, h)
	return nil
}

// printFigures runs the tests that report figures, and shows each figure when it
// is known: together they take minutes.
func printFigures(ctx context.Context, env *cli.Env, o *options, _ string) error {
	_, packages, err := testPackages(o.repo)
	if err != nil {
		return fmt.Errorf("look for tests: %w", err)
	}
	fmt.Fprintln(env.Out, "Figures that tests report:")
	h, err := runTests(ctx, o, packages, &teller{to: env.Err, what: "figures", total: len(packages), figures: env.Out})
	if err != nil {
		return err
	}
	h.figures = nil
	showTests(env.Out, h)
	return nil
}

// runTests runs the tests that "-run Vectors" chooses in some packages. That some
// fail is no error.
func runTests(ctx context.Context, o *options, packages []string, output *teller) (harvest, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-run", "Vectors", "-v", "-count=1"}, packages...)...)
	cmd.Dir = o.repo
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that go test ends the tests
	cmd.WaitDelay = time.Minute
	err := cmd.Run()
	h := reap(output.all.String())
	if err != nil && len(h.failed) == 0 && ctx.Err() == nil {
		return h, fmt.Errorf("run tests: %w: %s", err, output.all.String())
	}
	return h, nil
}

// A teller keeps the output of tests and tells of each package that is done.
type teller struct {
	to      io.Writer
	what    string // the section
	total   int
	figures io.Writer // each figure when it is known, or nil

	all  strings.Builder
	line []byte
	done int
}

// doneLine is what go test says of a package.
var doneLine = regexp.MustCompile(`^(ok|FAIL)\s+(\S+)\s+(\S+)`)

// Write takes output of go test.
func (t *teller) Write(p []byte) (int, error) {
	t.all.Write(p)
	t.line = append(t.line, p...)
	for {
		line, rest, whole := bytes.Cut(t.line, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		if m := doneLine.FindSubmatch(line); m != nil {
			t.done++
			fmt.Fprintf(t.to, "%s: %d of %d packages: %s %s %s\n", t.what, t.done, t.total, m[1], m[2], m[3])
		}
		if m := figureLine.FindSubmatch(line); m != nil && t.figures != nil {
			fmt.Fprintf(t.figures, "  %s\n", m[1])
		}
		t.line = rest
	}
}
