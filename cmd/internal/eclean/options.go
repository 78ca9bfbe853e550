package eclean

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

// options are the command line.
type options struct {
	action                     string // packages or distfiles
	noColour, interactive      bool
	pretend, quiet, verbose    bool
	deep, deprecated, names    bool
	fetchRestricted, skipVCS   bool
	changedDeps, ignoreFailure bool
	keepInvalid, uniqueUSE     bool
	since                      int64 // files modified since are kept, in seconds since 1970; 0: any
	size                       int64 // files of at least that size are kept; 0: any
	excludeFile                string
	acceptAll                  bool // answered so
	wantsHelp                  bool
}

func globalSpec() getopt.Spec {
	return getopt.Spec{Short: "CdDipqe:t:nhVv", Long: []string{"nocolor", "deep", "destructive", "deprecated", "interactive", "pretend",
		"quiet", "exclude-file=", "time-limit=", "package-names", "help", "version", "verbose"}}
}

func actionSpec(action string) getopt.Spec {
	if action == "packages" {
		return getopt.Spec{Short: "iu", Long: []string{"ignore-failure", "changed-deps", "unique-use", "no-clean-invalid"}}
	}
	return getopt.Spec{Short: "fs:", Long: []string{"fetch-restricted", "size-limit=", "skip-vcs"}}
}

// parse reads the command line. Without an action it has to name one. No options at
// all mean that the command line was answered.
func (c *cleaner) parse(args []string, action string) (*options, error) {
	o := &options{action: action}
	spec, mode := globalSpec(), "global-options"
	if action != "" {
		more := actionSpec(action)
		spec.Short, spec.Long = spec.Short+more.Short, append(spec.Long, more.Long...)
		mode = "merged-" + action + "-options"
	}
	given, rest, err := getopt.Parse(spec, args)
	if err != nil {
		return nil, c.usage(mode, err.Error())
	}
	if done, err := c.apply(o, given); done || err != nil {
		return nil, err
	}
	if action != "" {
		if len(rest) > 0 {
			return nil, c.usage(mode, fmt.Sprintf("unknown argument %q", rest[0]))
		}
		return o, nil
	}
	if len(rest) == 0 || rest[0] != "packages" && rest[0] != "distfiles" {
		return nil, c.usage("actions", "packages or distfiles has to be named")
	}
	o.action = rest[0]
	given, rest, err = getopt.Parse(actionSpec(o.action), rest[1:])
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("unknown argument %q", rest[0])
	}
	if err != nil {
		return nil, c.usage(o.action+"-options", err.Error())
	}
	if done, err := c.apply(o, given); done || err != nil {
		return nil, err
	}
	return o, nil
}

// apply takes options over. It reports true if the command line is answered by that.
func (c *cleaner) apply(o *options, given []getopt.Option) (done bool, err error) {
	for _, g := range given {
		switch g.Name {
		case "-V", "--version":
			return true, c.version()
		case "-t", "--time-limit":
			if o.since, err = parseTime(g.Value, c.now); err != nil {
				return true, c.usage("time", err.Error())
			}
		case "-s", "--size-limit":
			if o.size, err = parseSize(g.Value); err != nil {
				return true, c.usage("size", err.Error())
			}
		case "-e", "--exclude-file":
			c.print("cli --exclude option")
			o.excludeFile = g.Value
		default:
			o.set(g.Name)
		}
	}
	if !o.deep {
		c.deepOnly(&o.fetchRestricted, "fetch-restricted", o.quiet)
		c.deepOnly(&o.names, "package-names", o.quiet)
	}
	if !o.wantsHelp {
		return false, nil
	}
	about := "all"
	if o.action != "" {
		about = o.action
	}
	_, err = fmt.Fprint(c.env.Out, c.usageText("", about))
	return true, err
}

// deepOnly takes an option back that makes sense with --deep only.
func (c *cleaner) deepOnly(option *bool, name string, quiet bool) {
	if *option && !quiet {
		c.error("--" + name + " only makes sense in --deep mode.")
	}
	*option = false
}

// set takes over an option without value. -i means two things: with --pretend the
// second, as there is nothing to ask.
func (o *options) set(name string) {
	switch name {
	case "-h", "--help":
		o.wantsHelp = true
	case "-C", "--nocolor":
		o.noColour = true
	case "-d", "--deep", "--destructive":
		o.deep = true
	case "-D", "--deprecated":
		o.deprecated = true
	case "-i":
		o.interactive, o.ignoreFailure = !o.pretend, o.pretend || o.ignoreFailure
	case "--interactive":
		o.interactive = !o.pretend
	case "-p", "--pretend":
		o.pretend, o.interactive = true, false
	case "-q", "--quiet":
		o.quiet, o.verbose = true, false
	case "-v", "--verbose":
		o.verbose = !o.quiet
	case "-n", "--package-names":
		o.names = true
	case "-f", "--fetch-restricted":
		o.fetchRestricted = true
	case "--changed-deps":
		o.changedDeps = true
	case "--ignore-failure":
		o.ignoreFailure = true
	case "-u", "--unique-use":
		o.uniqueUSE = true
	case "--no-clean-invalid":
		o.keepInvalid = true
	case "--skip-vcs":
		o.skipVCS = true
	}
}

var (
	sizeForm = regexp.MustCompile(`^([0-9]+)([GMKBgmkb])?$`)
	timeForm = regexp.MustCompile(`^([0-9]+)([YMWDHymwdh])?$`)
)

// parseSize reads a size: a number of bytes, or one with a unit.
func parseSize(text string) (int64, error) {
	m := sizeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is no size", text)
	}
	n, err := strconv.ParseInt(m[1], 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no size: %w", text, err)
	}
	shift := map[string]int{"": 0, "B": 0, "K": 10, "M": 20, "G": 30}[strings.ToUpper(m[2])]
	return n << shift, nil
}

// parseTime reads a duration, days if it has no unit, and gives when it began.
func parseTime(text string, now time.Time) (int64, error) {
	m := timeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is no time", text)
	}
	n, err := strconv.ParseInt(m[1], 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no time: %w", text, err)
	}
	const hour = 60 * 60
	unit := map[string]int64{"H": hour, "": 24 * hour, "D": 24 * hour, "W": 7 * 24 * hour, "M": 30 * 24 * hour, "Y": 365 * 24 * hour}[strings.ToUpper(m[2])]
	return now.Unix() - n*unit, nil
}

func (c *cleaner) version() error {
	_, err := fmt.Fprintf(c.env.Out, "eclean (%s) - A cleaning tool for Gentoo distfiles and binaries.\n\n"+
		"Author: Thomas de Grenier de Latour (tgl), modular re-write by: Brian Dolbec (dol-sen) <degrenier@easyconnect.fr, brian.dolbec@gmail.com>\n"+
		"Copyright 2003-2023 Gentoo Authors\nDistributed under the terms of the GNU General Public License v2\n", gentoolkit.Version)
	return err
}

// usage tells what is wrong with a command line and how a right one looks.
func (c *cleaner) usage(what, msg string) error {
	if c.data {
		return &cli.UsageError{Program: "eclean", Msg: msg}
	}
	_, _ = fmt.Fprint(c.env.Err, c.usageText(what, "")) // nothing can be done about a closed standard error
	return &cli.FailedError{Status: cli.StatusUsage}
}
