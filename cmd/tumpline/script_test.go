package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/tumpline"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/merge/phase"
)

// runVariable makes the test binary the program, whatever it is called by.
const runVariable = "TUMPLINE_TEST_RUN"

func TestMain(m *testing.M) {
	confine.Trampoline()
	if phase.IsCommand(filepath.Base(os.Args[0]), os.Getenv) {
		main() // does not return
	}
	if os.Getenv(runVariable) != "" {
		main() // does not return
	}
	commands := map[string]func(){"tumpline": main}
	for _, name := range tumpline.Applets() {
		commands[name] = main
	}
	testscript.Main(m, commands)
}

// TestScripts runs testdata/script/*.txtar. Each script has the sample board:
// $SAMPLE holds repos, board and sdk, and the environment is that of a board's
// wrapper. The command cmptext compares a stream or file with a file after it
// has put $SAMPLE and T in place of the sample's path and of times.
func TestScripts(t *testing.T) {
	root := sharedtest.RepoRoot(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(root, "testdata/script"),
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup:               func(e *testscript.Env) error { return setUp(e, filepath.Join(root, "testdata/sample")) },
		Condition:           condition,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"cmptext": compareText, "document": document, "status": status},
	})
}

// condition knows [sandbox]: phases can be confined here; and [root].
func condition(name string) (bool, error) {
	switch name {
	case "sandbox":
		return len(confine.Probe().Missing) == 0, nil
	case "root":
		return os.Getuid() == 0, nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

func setUp(e *testscript.Env, from string) error {
	sample := filepath.Join(e.WorkDir, "sample")
	for _, dir := range []string{"repos", "board", "sdk"} {
		if err := os.CopyFS(filepath.Join(sample, dir), os.DirFS(filepath.Join(from, dir))); err != nil {
			return err
		}
	}
	board, sdk := filepath.Join(sample, "board"), filepath.Join(sample, "sdk")
	for _, dir := range []string{board, sdk} {
		conf := filepath.Join(dir, "etc/portage/repos.conf")
		text, err := os.ReadFile(conf)
		if err != nil {
			return err
		}
		if err := os.WriteFile(conf, bytes.ReplaceAll(text, []byte("@SAMPLE@"), []byte(sample)), 0o644); err != nil {
			return err
		}
	}
	for name, value := range map[string]string{
		"SAMPLE": sample, "ROOT": board, "SYSROOT": board, "PORTAGE_CONFIGROOT": board, "TUMPLINE_BUILD_ROOT": sdk,
		"TUMPLINE_CACHE_DIR": filepath.Join(e.WorkDir, "cache"), "TERM": "xterm",
	} {
		e.Setenv(name, value)
	}
	return nil
}

// status is: status NUMBER PROGRAM ARGS... It runs a program like exec does and
// expects an exit status.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status NUMBER PROGRAM ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	got := 0
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("run %s: %v", args[1], err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

// compareText is: cmptext stdout|stderr|FILE GOLDEN
func compareText(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cmptext stdout|stderr|FILE GOLDEN")
	}
	took := regexp.MustCompile(`(took (?:\x1b\[[0-9;]*m)?)[0-9]+\.[0-9]+`)
	got := strings.ReplaceAll(ts.ReadFile(args[0]), ts.Getenv("SAMPLE"), "$SAMPLE")
	gotLines, wantLines := comparable(took.ReplaceAllString(got, "${1}T")), comparable(ts.ReadFile(args[1]))
	if diff := cmp.Diff(wantLines, gotLines); diff != "" {
		ts.Fatalf("%s differs from %s (-want +got):\n%s", args[0], args[1], diff)
	}
}

// comparable splits text into lines and sorts what comes from a hash table in
// Portage: neighbouring lines about blocks that one step solves, the packages
// of a removal, the atoms by which one package needs another.
func comparable(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	for i, l := range lines {
		for _, list := range []struct{ head, separator string }{{"All selected packages: ", " "}, {" requires ", ", "}} {
			if head, rest, ok := strings.Cut(l, list.head); ok {
				words := strings.Split(strings.TrimSuffix(rest, "\n"), list.separator)
				slices.Sort(words)
				lines[i] = head + list.head + strings.Join(words, list.separator) + "\n"
			}
		}
	}
	for i := 0; i < len(lines); i++ {
		n := i
		for n < len(lines) && strings.HasPrefix(lines[n], "[blocks ") {
			n++
		}
		slices.Sort(lines[i:n])
		i = max(i, n-1)
	}
	return lines
}
