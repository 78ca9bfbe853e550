// Package eclean is the front of eclean, which removes binary packages and source files
// that no installed package or ebuild needs. It takes the command line of gentoolkit's
// eclean and tells what it does in its words.
//
// What is needed is worked out in packages.go and distfiles.go, and what the user keeps
// out of it in exclude.go; clean.go removes.
package eclean

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
)

// kind is the document of eclean.
var kind = answer.NewKind[document]("tumpline.eclean", "1.0.0", "which files were removed, or would be")

// Kinds lists the documents of eclean.
func Kinds() []*answer.Kind { return []*answer.Kind{kind} }

type document struct {
	answer.Head
	Action  string       `json:"action" jsonschema:"packages or distfiles"`
	Pretend bool         `json:"pretend" jsonschema:"true: nothing was removed"`
	Files   []fileObject `json:"files" jsonschema:"sorted by name"`
	Bytes   int64        `json:"bytes" jsonschema:"that are freed; files with other hard links free none"`
}

type fileObject struct {
	Name  string `json:"name" jsonschema:"CATEGORY/PF of a binary package, or the name of the file"`
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
}

// Main is the front of eclean, which is told what to clean.
func Main(ctx context.Context, env *cli.Env) error { return run(ctx, env, "") }

// Distfiles is the front of eclean-dist.
func Distfiles(ctx context.Context, env *cli.Env) error { return run(ctx, env, "distfiles") }

// Packages is the front of eclean-pkg.
func Packages(ctx context.Context, env *cli.Env) error { return run(ctx, env, "packages") }

// cleaner is one run.
type cleaner struct {
	*options
	ctx     context.Context
	env     *cli.Env
	now     time.Time
	style   gentoolkit.Style
	plain   bool
	data    bool
	system  *gentoolkit.System
	exclude *exclude // nil: no file was given
	removed document
}

func run(ctx context.Context, env *cli.Env, action string) error {
	env, data, err := answer.Take(env, kind)
	if err != nil {
		return err
	}
	c := &cleaner{ctx: ctx, env: env, now: time.Now(), data: data}
	word := env.Vars["NOCOLOR"]
	c.plain = env.Vars["NO_COLOR"] != "" || word == "yes" || word == "true" || !env.OutTerminal || data
	if c.options, err = c.parse(env.Args, action); err != nil || c.options == nil {
		return err
	}
	c.plain = c.plain || c.noColour
	if !c.plain {
		c.style = gentoolkit.Colours(env.Vars["PORTAGE_CONFIGROOT"])
	}
	if c.system, err = gentoolkit.Open(env); err != nil {
		return err
	}
	defer c.system.Close()
	if err := c.readExclude(); err != nil {
		return err
	}
	c.removed = document{Action: c.action, Pretend: c.pretend, Files: []fileObject{}}
	if c.action == "packages" {
		err = c.cleanPackages()
	} else {
		err = c.cleanDistfiles()
	}
	if err == nil && data {
		return kind.Write(env.Out, &c.removed)
	}
	return err
}

// readExclude reads the exclusion file: the one given, else that of the system if
// there is one.
func (c *cleaner) readExclude() error {
	file := c.excludeFile
	if file == "" {
		places := c.system.Session.Places
		file = filepath.Join(places.Build, places.EPrefix, "etc/eclean", c.action+".exclude")
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			return nil
		}
	}
	c.tell("Parsing Exclude file: " + file)
	var err error
	if c.exclude, err = readExclude(c.env.Abs(file), file, c.system.Session.Repos.HasCategory); err != nil {
		return c.failed(err.Error(), "Invalid exclusion file: "+file, "See format of this file in `man eclean`")
	}
	c.tell(fmt.Sprintf("Exclude file parsed. Found %d categories, %d packages, %d anti-packages %d filenames",
		len(c.exclude.categories), len(c.exclude.packages), len(c.exclude.not), len(c.exclude.files)))
	return nil
}

// failed tells errors in gentoolkit's form and ends the run.
func (c *cleaner) failed(lines ...string) error {
	if c.data {
		return fmt.Errorf("eclean: %s", lines[0])
	}
	for _, line := range lines {
		c.error(line)
	}
	return &cli.FailedError{Status: cli.StatusFailure}
}

// error tells an error. Nothing can be done about a closed standard error.
func (c *cleaner) error(line string) { _, _ = fmt.Fprintln(c.env.Err, c.style.Error(line)) }

// print prints a line, unless data is asked for. A reader that goes away is noticed
// when the output is flushed.
func (c *cleaner) print(line string) {
	if !c.data {
		_, _ = fmt.Fprintln(c.env.Out, line)
	}
}

// info prints a line about the progress, unless it is to be quiet.
func (c *cleaner) info(line string) {
	if c.quiet {
		return
	}
	prefix := ">>>"
	if !c.plain {
		prefix = " " + c.style.Paint("green", "*")
	}
	c.print(prefix + " " + line)
}

// tell prints what only --verbose shows.
func (c *cleaner) tell(line string) {
	if c.verbose {
		c.info(line)
	}
}

// permitted says if files may be removed from a folder: an error if not.
func (c *cleaner) permitted(dir string) error {
	if c.pretend || !errors.Is(unix.Access(dir, unix.W_OK), unix.EACCES) {
		return nil
	}
	return c.failed("Permission denied: you must be root or belong to the portage group.")
}
