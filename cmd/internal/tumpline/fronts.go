package tumpline

import (
	"context"
	"fmt"
	"github.com/tumpline/tumpline/cmd/internal/eclean"
	"github.com/tumpline/tumpline/cmd/internal/euse"
	"github.com/tumpline/tumpline/cmd/internal/revdep"
	"io"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/board"
	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/cases"
	"github.com/tumpline/tumpline/cmd/internal/checkroot"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/complete"
	"github.com/tumpline/tumpline/cmd/internal/cycles"
	"github.com/tumpline/tumpline/cmd/internal/diff"
	"github.com/tumpline/tumpline/cmd/internal/dispatchconf"
	"github.com/tumpline/tumpline/cmd/internal/doctor"
	"github.com/tumpline/tumpline/cmd/internal/ebuildcmd"
	"github.com/tumpline/tumpline/cmd/internal/emaint"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/cmd/internal/emirrordist"
	"github.com/tumpline/tumpline/cmd/internal/enalyze"
	"github.com/tumpline/tumpline/cmd/internal/envupdate"
	"github.com/tumpline/tumpline/cmd/internal/equery"
	"github.com/tumpline/tumpline/cmd/internal/eselect"
	"github.com/tumpline/tumpline/cmd/internal/eshowkw"
	"github.com/tumpline/tumpline/cmd/internal/etcupdate"
	"github.com/tumpline/tumpline/cmd/internal/glsacheck"
	"github.com/tumpline/tumpline/cmd/internal/graph"
	"github.com/tumpline/tumpline/cmd/internal/history"
	"github.com/tumpline/tumpline/cmd/internal/manifest"
	"github.com/tumpline/tumpline/cmd/internal/portageq"
	"github.com/tumpline/tumpline/cmd/internal/q"
	"github.com/tumpline/tumpline/cmd/internal/quickpkg"
	"github.com/tumpline/tumpline/cmd/internal/regen"
	"github.com/tumpline/tumpline/cmd/internal/regenworld"
	"github.com/tumpline/tumpline/cmd/internal/verify"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

// A front is one command of the program. An applet also answers to its name when
// the program is called by it.
type front struct {
	use    string // the name, then the form of the command line
	short  string
	run    cli.Front
	applet bool
}

func (f *front) name() string {
	name, _, _ := strings.Cut(f.use, " ")
	return name
}

// fronts lists the commands, each on its own line.
func fronts() []front {
	return append(qFronts(), []front{
		{use: "board setup NAME ... | list | show NAME | remove NAME", short: "set up roots of boards, and the commands that work on them", run: board.Main},
		{use: "build ATOM...", short: "build packages, up to their images", run: build.Main},
		{use: "cases run PATH... | record -- ARGS...", short: "run resolver cases from files, or record one", run: cases.Front(adapter.Runner)},
		{use: "completion bash|zsh|fish [NAME...]", short: "print a script that completes command lines in a shell", run: complete.Front(completed)},
		{use: "check-root [libs | usr | shebang | symlink]...", short: "look for missing libraries, interpreters and what links lead to", run: checkroot.Main},
		{use: "cycles [--json | --dot] TARGET...", short: "list circular dependencies and what breaks them", run: cycles.Main},
		{use: "diff plans | trees | commits | configs | change ...", short: "show what changes from one plan, tree, commit or configuration to another", run: diff.Main},
		{use: "doctor [--json]", short: "examine configuration, roots, kernel, programs and caches", run: doctor.Main},
		{use: "dispatch-conf [path]...", short: "archive updates of configuration files, and merge them", run: dispatchconf.Main, applet: true},
		{use: "ebuild FILE COMMAND...", short: "run steps for one ebuild; takes ebuild's command line", run: ebuildcmd.Main, applet: true},
		{use: "egencache [options] <action>... [atom]...", short: "the same as regen; takes egencache's command line", run: regen.Egencache, applet: true},
		{use: "emaint [options] MODULE", short: "check and repair what is kept beside packages", run: emaint.Main, applet: true},
		{use: "emerge [options] [atom | name | @set]...", short: "plan a merge, or carry it out; takes emerge's command line", run: emerge.Main, applet: true},
		{use: "emirrordist [options] --mirror", short: "bring the distfiles of a repository into a folder", run: emirrordist.Main, applet: true},
		{use: "env-update [--no-ldconfig]", short: "make the files that etc/env.d stands for", run: envupdate.Main, applet: true},
		{use: "enalyze [options] MODULE [options] TARGET", short: "tell how installed packages were configured; takes enalyze's command line", run: enalyze.Main, applet: true},
		{use: "equery [options] MODULE [options] QUERY...", short: "ask about packages; takes equery's command line", run: equery.Main, applet: true},
		{use: "eselect [options] profile list | show | set [--force] TARGET", short: "list profiles and choose one; takes eselect's command line", run: eselect.Main, applet: true},
		{use: "eshowkw [options] [PACKAGE]...", short: "show the keywords of packages in a table", run: eshowkw.Main, applet: true},
		{use: "etc-update [options] [path]...", short: "deal with updates of configuration files", run: etcupdate.Main, applet: true},
		{use: "glsa-check <option> [GLSA-ID | all | affected]...", short: "tell which security advisories concern the system", run: glsacheck.Main, applet: true},
		{use: "graph [options] TARGET...", short: "show what a request would bring together, or what is installed, as a graph", run: graph.Main},
		{use: "history [--last N]", short: "list the transactions of a root", run: history.Main},
		{use: "eclean [options] packages | distfiles", short: "remove files that are not needed; takes eclean's command line", run: eclean.Main, applet: true},
		{use: "eclean-dist [options]", short: "remove source files that are not needed", run: eclean.Distfiles, applet: true},
		{use: "eclean-pkg [options]", short: "remove binary packages that are not needed", run: eclean.Packages, applet: true},
		{use: "euse OPTION [FLAG]...", short: "show and change USE flags; takes euse's command line", run: euse.Main, applet: true},
		{use: "revdep-rebuild [options] [-- emerge options]", short: "merge again what needs libraries that are gone", run: revdep.Main, applet: true},
		{use: "install-links DIR", short: "link every name that the program answers to into a folder", run: withHelp(linksHelp, installLinks)},
		{use: "man DIR", short: "write manual pages", run: man},
		{use: "manifest [--verify] [PATH...]", short: "make or verify Manifests", run: manifest.Main},
		{use: "portageq COMMAND [ARGUMENT]...", short: "answer what scripts ask; takes portageq's command line", run: portageq.Main, applet: true},
		{use: "profile list | show | set [--force] TARGET", short: "list profiles and choose one", run: eselect.Profile},
		{use: "quickpkg ATOM | @SET...", short: "pack what is installed; takes quickpkg's command line", run: quickpkg.Main, applet: true},
		{use: "regen [options] [repository]...", short: "bring the metadata caches of repositories up to date", run: regen.Main},
		{use: "regenworld", short: "find in the log of merges what belongs into the world file", run: regenworld.Main, applet: true},
		{use: "schema [DOCUMENT]", short: "list the JSON documents, or print the JSON Schema of one", run: withHelp(schemaHelp, schema)},
		{use: "undo [--force] [ID]", short: "take back the last transaction of a root", run: history.Undo},
		{use: "verify PLAN.json", short: "judge a plan by rules of its own", run: verify.Main},
		{use: "version", short: "print the version", run: withHelp(versionHelp, version)},
		{use: "why A B", short: "show the shortest way by which one package needs another", run: graph.Why},
	}...)
}

// qFronts lists q and its applets.
func qFronts() []front {
	var out []front
	for _, a := range q.Applets() {
		out = append(out, front{use: a.Name + " [opts] " + a.Args, short: a.About, run: q.Front(a.Name), applet: true})
	}
	return out
}

const (
	linksHelp = `usage: tumpline install-links DIR

Make a symlink to the program in a folder for each name that it answers to: emerge,
portageq, equery, qlist, ... A link that is there already is made anew; a file of
such a name that is no link is left alone, and is an error.

Examples:
  tumpline install-links /usr/local/bin
`
	schemaHelp = `usage: tumpline schema [DOCUMENT]

List the JSON documents that commands print with --json, with their versions, or
print the JSON Schema (draft 2020-12) of one.

Examples:
  tumpline schema plan >plan.schema.json
`
	versionHelp = `usage: tumpline version

Print the version of the program, and that of Portage which it answers as.
`
)

// withHelp answers --help for a front that has no options.
func withHelp(help string, run cli.Front) cli.Front {
	return func(ctx context.Context, env *cli.Env) error {
		if len(env.Args) == 1 && (env.Args[0] == "--help" || env.Args[0] == "-h") {
			_, err := io.WriteString(env.Out, help)
			return err
		}
		return run(ctx, env)
	}
}

// version prints the version.
func version(_ context.Context, env *cli.Env) error {
	if err := noArguments(env); err != nil {
		return err
	}
	_, err := fmt.Fprintln(env.Out, cli.Version())
	return err
}

func noArguments(env *cli.Env) error {
	if len(env.Args) == 0 {
		return nil
	}
	return usageError(env.Name, "", fmt.Sprintf("unknown argument %q", env.Args[0]))
}

// usageError is a command line of a command of our own that cannot be understood;
// form is what follows the name in a right one.
func usageError(name, form, msg string) error {
	return &cli.UsageError{Program: "tumpline " + name, Usage: strings.TrimSpace("usage: tumpline "+name+" "+form) + "\n", Msg: msg}
}
