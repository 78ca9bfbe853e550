package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

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

// printUnit runs the tests that replay unit vectors and shows what they say.
func printUnit(ctx context.Context, env *cli.Env, o *options, _ string) error {
	names, count, err := records(filepath.Join(o.shared, "vectors", "unit"))
	if err != nil {
		return fmt.Errorf("count unit vectors: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "Vectors", "-v", "-count=1", "./...")
	cmd.Dir = o.repo
	output, err := cmd.CombinedOutput()
	h := reap(string(output))
	if err != nil && len(h.failed) == 0 {
		return fmt.Errorf("run the tests of unit vectors: %w: %s", err, output)
	}
	showUnit(env.Out, h, names, count)
	return nil
}
