// Package euse is the front of euse, which shows what is known of USE flags and changes
// make.conf and package.use. It takes the command line of gentoolkit's euse and answers
// in its words. As there, the files are those of the running system's etc, whatever
// PORTAGE_CONFIGROOT says.
package euse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
)

// kind is the document of euse.
var kind = answer.NewKind[document]("tumpline.euse", "1.0.0", "where USE flags are set")

// Kinds lists the documents of euse.
func Kinds() []*answer.Kind { return []*answer.Kind{kind} }

type document struct {
	answer.Head
	Flags []flagObject `json:"flags" jsonschema:"sorted by name"`
}

type flagObject struct {
	Name         string   `json:"name"`
	Active       bool     `json:"active" jsonschema:"by the strongest place that says something"`
	Environment  *bool    `json:"environment" jsonschema:"what each place says; null: nothing"`
	Conf         *bool    `json:"make_conf"`
	Defaults     *bool    `json:"make_defaults"`
	Globals      *bool    `json:"make_globals"`
	Forced       bool     `json:"forced"`
	Masked       bool     `json:"masked"`
	Descriptions []string `json:"descriptions" jsonschema:"lines of use.desc"`
}

// line is the command line.
type line struct {
	mode, scope, action, pkg string
	named                    bool // a package was named
	words                    []string
}

// tool is one run.
type tool struct {
	*line
	env    *cli.Env
	system *gentoolkit.System
	etc    string // /etc
	flags  *flags // where flags are set
}

// Main is the front.
func Main(_ context.Context, env *cli.Env) error {
	env, data, err := answer.Take(env, kind)
	if err != nil {
		return err
	}
	t := &tool{env: env, line: parse(env)}
	switch t.mode {
	case "showhelp":
		_, err := fmt.Fprint(env.Out, help)
		return err
	case "showversion":
		_, err := fmt.Fprint(env.Out, "euse ("+gentoolkit.Version+")\nWritten by Marius Mauch\n\nCopyright (C) 2004-2009 Gentoo Foundation, Inc.\n"+
			"This is free software; see the source for copying conditions.\n")
		return err
	}
	if t.system, err = gentoolkit.Open(env); err != nil {
		return err
	}
	defer t.system.Close()
	places := t.system.Session.Places
	t.etc = filepath.Join(places.Build, places.EPrefix, "etc")
	if t.flags, err = t.readFlags(); err != nil {
		return err
	}
	if data {
		return t.document()
	}
	switch t.mode {
	case "showdesc":
		t.describe(t.words)
	case "showinstdesc":
		return t.describeInstalled(t.words)
	case "showflags":
		t.list()
	default:
		return t.modify()
	}
	return nil
}

// parse reads the command line. The last option that says what to do counts; one that
// is not known is told, and means help.
func parse(env *cli.Env) *line {
	l := &line{mode: "showhelp"}
	modes := map[string]string{"-h": "showhelp", "--help": "showhelp", "-V": "showversion", "-v": "showversion", "--version": "showversion",
		"-i": "showdesc", "--info": "showdesc", "-I": "showinstdesc", "--info-installed": "showinstdesc", "-a": "showflags", "--active": "showflags"}
	actions := map[string]string{"-E": "add", "--enable": "add", "-D": "remove", "--disable": "remove", "-P": "prune", "--prune": "prune",
		"-R": "prune", "--remove": "prune"}
	for i := 0; i < len(env.Args) && env.Args[i] != ""; i++ {
		a := env.Args[i]
		switch {
		case modes[a] != "":
			l.mode = modes[a]
		case actions[a] != "":
			l.mode, l.action = "modify", actions[a]
		case a == "-l" || a == "--local":
			l.scope = "local"
		case a == "-g" || a == "--global":
			l.scope = "global"
		case a == "-p" || a == "--package":
			l.mode, l.scope = "modify", "local"
			if i++; i < len(env.Args) {
				l.pkg, l.named = env.Args[i], true
			}
		case strings.HasPrefix(a, "-"):
			l.mode = "showhelp"
			_, _ = fmt.Fprintf(env.Out, "ERROR: unknown option %s specified.\n\n", a) // see print
		default:
			l.words = append(l.words, strings.Fields(a)...)
		}
	}
	return l
}

// printf prints. A reader that goes away is noticed when the output is flushed.
func (t *tool) printf(format string, args ...any) { _, _ = fmt.Fprintf(t.env.Out, format, args...) }

// fatal tells an error and ends the run.
func (t *tool) fatal(format string, args ...any) error {
	t.printf("ERROR: "+format+"\n", args...)
	return &cli.FailedError{Status: cli.StatusFailure}
}

// makeConf is the make.conf that is changed.
func (t *tool) makeConf() (string, error) {
	for _, name := range []string{"portage/make.conf", "make.conf"} {
		path := filepath.Join(t.etc, name)
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return "", fmt.Errorf("euse: %w", err)
		case info.IsDir():
			return "", &cli.RefusedError{Program: "euse", What: "changing " + path, Why: "it is a folder of files"}
		}
		return path, nil
	}
	return "", t.fatal("make.conf does not exist")
}

// document answers with data: about the flags named, or all that are known.
func (t *tool) document() error {
	d := &document{Flags: []flagObject{}}
	words := slices.Clone(t.words)
	if len(words) == 0 {
		words = t.known("")
	}
	slices.Sort(words)
	for _, w := range slices.Compact(words) {
		o := flagObject{Name: w, Active: t.status(w).active, Descriptions: t.globalLines(w), Environment: state(t.flags.env, w),
			Conf: state(t.flags.conf, w), Defaults: state(t.flags.defaults, w), Globals: state(t.flags.globals, w),
			Forced: slices.Contains(t.flags.force, w), Masked: slices.Contains(t.flags.mask, "-"+w)}
		if o.Descriptions == nil {
			o.Descriptions = []string{}
		}
		d.Flags = append(d.Flags, o)
	}
	return kind.Write(t.env.Out, d)
}

func state(words []string, flag string) *bool {
	on := slices.Contains(words, flag)
	if !on && !slices.Contains(words, "-"+flag) {
		return nil
	}
	return &on
}

const help = `euse (` + gentoolkit.Version + `)

Syntax: euse <option> [suboptions] [useflaglist]

Options: -h, --help           - show this message
         -V, --version        - show version information
         -i, --info           - show descriptions for the given useflags
         -I, --info-installed - show descriptions for the given useflags and
                                their current impact on the installed system
         -g, --global         - show only global use flags (suboption)
         -l, --local          - show only local use flags (suboption)
         -a, --active         - show currently active useflags and their origin
         -E, --enable         - enable the given useflags
         -D, --disable        - disable the given useflags
         -R, --remove         - remove all references to the given flags from
                                make.conf and package.use to revert to default
                                settings
         -P, --prune          - alias for --remove
         -p, --package        - used with -E, -D, and -R to apply to a
                                specific package only

Notes: euse currently works for global flags defined
       in make.globals, make.defaults, make.conf, use.force, and use.mask
       and local flags defined in package.use and individual package ebuilds.
       It might have issues with cascaded profiles. If multiple options are
       specified only the last one will be used.
`
