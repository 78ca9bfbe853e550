// Package emaint is the front emaint: checks of what a package manager keeps beside
// packages, and their repair.
//
// Each module is a file of this package. Modules find what is wrong through the
// packages below, and change files only through them or by replacing whole files.
// Repositories are not synchronised: sync refuses as soon as there is something to do.
package emaint

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
)

const program = "emaint"

//go:embed help.txt
var help string

// usage is the part of the help that is shown with errors.
func usage() string {
	text, _, _ := strings.Cut(help, "\noptions:\n")
	return text
}

// A task is what one option makes of a module: it returns whether all is well, and
// what to tell.
type task func(ctx context.Context, r *run) (ok bool, messages []string, err error)

// A described option is one that a module without the action wanted lists.
type described struct{ short, long, help string }

// A module is one subject of maintenance.
type module struct {
	name    string
	tasks   map[string]task // by the long option without dashes
	options []described     // beside --check and --fix, by the order of the list
}

// modules lists the modules by name.
func modules() []module {
	return []module{
		{name: "binhost", tasks: map[string]task{"check": checkBinhost, "fix": fixBinhost}},
		{name: "cleanconfmem", tasks: map[string]task{"check": checkMemory, "fix": fixMemory}},
		{name: "cleanresume", tasks: map[string]task{"check": checkResume, "fix": fixResume}},
		{name: "logs", tasks: map[string]task{"check": checkLogs, "clean": cleanLogs}, options: []described{
			{"-C", "--clean", "Cleans out logs more than 7 days old (cleanlogs only)   module-options: -t, -p"},
			{"-p", "--pretend", "(cleanlogs only): -p, --pretend   Output logs that would be deleted"},
			{"-t", "--time", "(cleanlogs only): -t, --time   Delete logs older than NUM of days"},
		}},
		{name: "merges", tasks: map[string]task{"check": checkMerges, "fix": fixMerges, "purge": purgeMerges}, options: []described{
			{"-P", "--purge", "Removes the list of previously failed merges. WARNING: Only use this option if you plan on manually fixing them or do not want them re-installed."},
		}},
		{name: "movebin", tasks: map[string]task{"check": checkMoveBin, "fix": fixMoveBin}},
		{name: "moveinst", tasks: map[string]task{"check": checkMoveInst, "fix": fixMoveInst}},
		{name: "revisions", tasks: map[string]task{"purgeallrepos": purgeAllRevisions, "purgerepos": purgeRevisions}, options: []described{
			{"", "--purgeallrepos", "(revisions module only): --purgeallrepos  Purge revisions for all repos"},
			{"", "--purgerepos", "(revisions module only): --purgerepos  Purge revisions for the specified repo(s)"},
		}},
		{name: "sync", tasks: map[string]task{"allrepos": syncAll, "auto": syncAuto, "repo": syncNamed}, options: []described{
			{"-A", "--allrepos", "(sync module only): -A, --allrepos  Sync all repos that have a sync-url defined"},
			{"-a", "--auto", "(sync module only): -a, --auto  Sync auto-sync enabled repos only"},
			{"-r", "--repo", "(sync module only): -r, --repo  Sync the specified repo"},
		}},
		{name: "vdb", tasks: map[string]task{"check": checkVDB, "fix": fixVDB, "remove": removeVDB}, options: []described{
			{"", "--delete-individual-files", "(fix only): also remove per-field files after writing the metadata file. WARNING: breaks tools that read individual VDB files directly (portage-utils, pkgcore, shell scripts). Only use when all VDB consumers support the consolidated format."},
			{"-R", "--remove", "Undo --fix: restore any per-field file that only the metadata file still holds, then remove the metadata files"},
		}},
		{name: "world", tasks: map[string]task{"check": checkWorld, "fix": fixWorld}},
	}
}

// options are those of all modules, in the order in which they exclude each other.
func options() []argparse.Option {
	return []argparse.Option{
		{Long: "--help", Short: "-h"},
		{Long: "--check", Short: "-c"}, {Long: "--fix", Short: "-f"}, {Long: "--version"},
		{Long: "--clean", Short: "-C"}, {Long: "--time", Short: "-t", Takes: argparse.Int}, {Long: "--pretend", Short: "-p"},
		{Long: "--purge", Short: "-P"}, {Long: "--yes", Short: "-y"},
		{Long: "--purgerepos", Takes: argparse.Text}, {Long: "--purgeallrepos"},
		{Long: "--repo", Short: "-r", Takes: argparse.Text}, {Long: "--allrepos", Short: "-A"}, {Long: "--auto", Short: "-a"},
		{Long: "--sync-submodule", Takes: argparse.Choice, Choices: []string{"glsa", "news", "profiles"}},
		{Long: "--delete-individual-files"}, {Long: "--remove", Short: "-R"},
	}
}

// actions are the options that say what to do, in the same order.
func actions() []string {
	return []string{"check", "fix", "clean", "purge", "purgerepos", "purgeallrepos", "repo", "allrepos", "auto", "remove"}
}

// A run answers one command line.
type run struct {
	env     *cli.Env
	words   *argparse.Words
	session *session.Session
	root    *session.Root
	now     time.Time
}

// eroot is where state files are.
func (r *run) eroot() string { return r.root.EROOT() }

func misunderstood(msg string) error {
	return &cli.UsageError{Program: program, Usage: usage(), Msg: msg}
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	w, err := argparse.Parse(options(), env.Args)
	if err != nil {
		return misunderstood(err.Error())
	}
	switch {
	case w.Has("--help"):
		_, err := fmt.Fprint(env.Out, help)
		return err
	case w.Has("--version"):
		_, err := fmt.Fprintln(env.Out, cli.Version())
		return err
	case len(w.Rest) != 1:
		return misunderstood("Incorrect number of arguments")
	}
	name := w.Rest[0]
	chosen := modules()
	if name != "all" {
		chosen = slices.DeleteFunc(chosen, func(m module) bool { return m.name != name })
	}
	if len(chosen) == 0 {
		return misunderstood(name + " target is not a known target")
	}
	action, err := actionOf(w, name)
	if err != nil {
		return err
	}
	if name != "all" && chosen[0].tasks[action] == nil {
		return lacks(env, chosen[0], action)
	}
	s, err := session.Open(&session.Options{Vars: env.Vars, Abs: env.Abs, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // losing the index costs time, nothing else
	return (&run{env: env, words: w, session: s, root: s.Target, now: time.Now()}).do(ctx, chosen, action)
}

// actionOf gives the one action that was asked for.
func actionOf(w *argparse.Words, name string) (string, error) {
	action := ""
	for _, a := range actions() {
		if !w.Has("--" + a) {
			continue
		}
		if action != "" {
			return "", misunderstood(fmt.Sprintf("--%s and --%s are exclusive options", action, a))
		}
		action = a
	}
	switch {
	case action != "":
		return action, nil
	case name == "sync":
		return "auto", nil
	}
	return "check", nil
}

// lacks tells what a module has in place of an action that it lacks.
func lacks(env *cli.Env, m module, action string) error {
	list := m.options
	if len(list) == 0 {
		list = []described{
			{"-c", "--check", "Check for problems (a default option for most modules)"},
			{"-f", "--fix", "Attempt to fix problems (a default option for most modules)"},
			{"", "--version", "show program's version number and exit"},
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nERROR: module '%s' does not have option '--%s'\n\n %s module options:\n", m.name, action, m.name)
	for _, o := range list {
		names := "  " + o.long
		if o.short != "" {
			names = "  " + o.short + ", " + o.long
		}
		fmt.Fprintf(&b, "%-15s %s\n", names, o.help)
	}
	_, _ = fmt.Fprintf(env.Err, "%s\n", b.String())
	return &cli.FailedError{Status: 1}
}

// do does an action in each module that has it.
func (r *run) do(ctx context.Context, list []module, action string) error {
	failed := false
	for _, m := range list {
		t := m.tasks[action]
		if t == nil {
			continue
		}
		ok, messages, err := t(ctx, r)
		if err != nil {
			return fmt.Errorf("%s %s: %w", program, m.name, err)
		}
		if len(messages) > 0 {
			if _, err := fmt.Fprintln(r.env.Out, strings.Join(messages, "\n")); err != nil {
				return err
			}
		}
		failed = failed || !ok
	}
	if failed {
		return &cli.FailedError{Status: 1}
	}
	return nil
}

// warn tells something that hides nothing else.
func (r *run) warn(problems ...error) {
	for _, p := range problems {
		_, _ = fmt.Fprintf(r.env.Err, "!!! %v\n", p)
	}
}
