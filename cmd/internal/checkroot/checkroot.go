// Package checkroot looks for what is wrong with a root in which packages are
// installed: libraries that nobody provides, files that a merged /usr would lay over
// each other, scripts without their interpreter, links that lead nowhere.
//
// It finds what Flatcar's build_library/check_root finds, which asks Portage's Python
// modules, and tells as data what that does not: who requires and provides which
// library, with which files. Links are followed inside the root, so that none of it
// needs to be run as root. Nothing is changed.
package checkroot

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/vdb"
)

// Report is the document of the command.
var Report = answer.NewKind[reportDoc]("tumpline.check-root", "1.0.0", "what is wrong with a root, and which libraries its packages require and provide")

type reportDoc struct {
	answer.Head
	Root     string       `json:"root" jsonschema:"absolute"`
	Checks   []string     `json:"checks" jsonschema:"what was looked at"`
	OK       bool         `json:"ok" jsonschema:"nothing was found"`
	Findings []Finding    `json:"findings" jsonschema:"by check, package and path"`
	Packages []packageDoc `json:"packages" jsonschema:"the installed packages by name; empty unless libs or usr was looked at"`
}

// A Finding is one thing that is wrong.
type Finding struct {
	Check    string   `json:"check" jsonschema:"libs, usr, shebang or symlink"`
	Package  *string  `json:"package" jsonschema:"CATEGORY/PF of libs and usr; null for the others, see owners"`
	Category *string  `json:"category" jsonschema:"multilib category of a missing library; else null"`
	Soname   *string  `json:"soname" jsonschema:"the missing library; else null"`
	Path     *string  `json:"path" jsonschema:"the conflicting path, script or link below the root; null for libs"`
	Target   *string  `json:"target" jsonschema:"the missing interpreter, or where the link leads; else null"`
	Files    []string `json:"files" jsonschema:"the files that need the missing library, where that is recorded"`
	Owners   []string `json:"owners" jsonschema:"CATEGORY/PF of the packages that own the path"`
}

const usage = "usage: tumpline check-root [OPTION]... [libs | usr | shebang | symlink]...\n"

const help = usage + `
Checks a root in which packages are installed: ROOT of the environment, or --root. Without
words it checks everything. The exit status is 1 if something is wrong.

  libs      libraries that an installed package requires and none provides
  usr       files of one package that a merged /usr would lay over each other
  shebang   scripts whose interpreter does not exist
  symlink   links that lead nowhere in the root

  --root DIR      the root to check
  --ignore FILE   what to pass over, instead of what is known of Flatcar's images
  --list-ignored  print what is passed over, in the form of such a file
  --files         with --json: the files of the packages too
  --json          print what was found as JSON (tumpline schema check-root), with the
                  libraries that each package requires and provides

examples:

  ROOT=/build/amd64-usr tumpline check-root libs
  tumpline check-root --root /build/amd64-usr --json | jq '.packages[] | {package, requires}'
`

func checks() []string { return []string{"libs", "usr", "shebang", "symlink"} }

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	env, json, err := answer.Take(env, Report)
	if err != nil {
		return err
	}
	w, err := argparse.Parse([]argparse.Option{
		{Long: "--help", Short: "-h"}, {Long: "--root", Takes: argparse.Text}, {Long: "--ignore", Takes: argparse.Text},
		{Long: "--list-ignored"}, {Long: "--files"},
	}, env.Args)
	if err != nil {
		return usageError(err.Error())
	}
	if w.Has("--help") {
		_, err := io.WriteString(env.Out, help)
		return err
	}
	c := &call{env: env, files: w.Has("--files"), doc: &reportDoc{Checks: []string{}, Findings: []Finding{}, Packages: []packageDoc{}}}
	for _, word := range w.Rest {
		if !slices.Contains(checks(), word) {
			return usageError(fmt.Sprintf("unknown check %q; there are: %s", word, strings.Join(checks(), " ")))
		}
	}
	for _, check := range checks() {
		if len(w.Rest) == 0 || slices.Contains(w.Rest, check) {
			c.doc.Checks = append(c.doc.Checks, check)
		}
	}
	if c.ignored, err = readRules(w.Text("--ignore"), env.Abs); err != nil {
		return err
	}
	if w.Has("--list-ignored") {
		_, err := io.WriteString(env.Out, c.ignored.text)
		return err
	}
	if err := c.place(w.Text("--root")); err != nil {
		return err
	}
	if err := c.check(ctx); err != nil {
		return err
	}
	return c.tell(json)
}

func usageError(msg string) error {
	return &cli.UsageError{Program: "tumpline check-root", Usage: usage, Msg: msg}
}

// A call is one run.
type call struct {
	env     *cli.Env
	sources *session.Options
	files   bool
	ignored *rules
	root    string
	db      *vdb.DB
	doc     *reportDoc
}

// place finds the root.
func (c *call) place(root *string) error {
	c.sources = &session.Options{
		Vars: c.env.Vars, Abs: c.env.Abs, Root: root,
		BuildRoot: c.env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(c.env.Vars),
	}
	p := c.sources.Places()
	if p.Target == "" {
		p.Target = p.Build
	}
	if !session.IsDir(p.Target) {
		return fmt.Errorf("the root is no folder: %s", p.Target)
	}
	c.sources.Sysroot = &p.Target // nothing is built
	c.root = p.Target
	c.doc.Root = p.Target
	c.db = session.OpenInstalled(c.sources, filepath.Join(p.Target, p.EPrefix), vdb.Interest{}, time.Now())
	return nil
}

// check looks at all that was asked for.
func (c *call) check(ctx context.Context) error {
	defer c.db.Close() // losing the index costs time, nothing else
	for _, problem := range c.db.Problems() {
		_, _ = fmt.Fprintf(c.env.Err, "tumpline check-root: %v\n", problem)
	}
	asked := func(check string) bool { return slices.Contains(c.doc.Checks, check) }
	if asked("libs") || asked("usr") {
		if err := c.packages(asked("libs"), asked("usr")); err != nil {
			return err
		}
	}
	if !asked("shebang") && !asked("symlink") {
		return nil
	}
	t, err := newTree(c)
	if err != nil {
		return err
	}
	defer t.fs.Close() // only read from
	if err := t.walk(ctx, asked("shebang"), asked("symlink")); err != nil {
		return err
	}
	return c.owners()
}

// owners finds out whose the paths are that something is wrong with.
func (c *call) owners() error {
	var paths []string
	for _, f := range c.doc.Findings {
		if f.Package == nil {
			paths = append(paths, *f.Path)
		}
	}
	owners, err := c.db.Owners(c.root, paths)
	if err != nil {
		return err
	}
	for i := range c.doc.Findings {
		f := &c.doc.Findings[i]
		if f.Package != nil {
			continue
		}
		for _, p := range owners[*f.Path] {
			f.Owners = append(f.Owners, p.CPV.String())
		}
	}
	return nil
}

// tell prints what was found. People read it on standard error, as check_root does.
func (c *call) tell(json bool) error {
	c.doc.OK = len(c.doc.Findings) == 0
	if json {
		if err := Report.Write(c.env.Out, c.doc); err != nil {
			return err
		}
	} else {
		last := ""
		for i := range c.doc.Findings {
			head, line := c.doc.Findings[i].text()
			if head != "" && head != last {
				_, _ = fmt.Fprintln(c.env.Err, head)
			}
			last = head
			_, _ = fmt.Fprintln(c.env.Err, line)
		}
	}
	if !c.doc.OK {
		return &cli.FailedError{Status: cli.StatusFailure}
	}
	return nil
}

// text is the line that tells a finding, and the line above those of its package.
func (f *Finding) text() (head, line string) {
	switch f.Check {
	case "libs":
		return *f.Package + " is missing libraries:", "\t" + *f.Category + ": " + *f.Soname
	case "usr":
		return *f.Package + " has paths that conflict with /usr", "\t" + *f.Path
	case "shebang":
		return "", *f.Path + ": " + *f.Target + " does not exist"
	}
	return "", "broken link: " + *f.Path + " -> " + *f.Target
}
