// Package board sets up the roots of boards and the commands that work on them, as
// Flatcar's setup_board does: etc/portage with make.conf, repos.conf and the profile,
// and a wrapper TOOL-BOARD for each tool, which says by its environment what root is
// meant.
//
// There is no list of boards anywhere: a board is what emerge-BOARD in the folder of
// the wrappers says, Flatcar's own included. Nothing is merged here.
package board

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// Boards is the document of every action.
var Boards = answer.NewKind[boardsDoc]("tumpline.boards", "1.0.0", "boards, and what was changed about them")

type boardsDoc struct {
	answer.Head
	Boards  []Board  `json:"boards" jsonschema:"by name"`
	Changes []Change `json:"changes" jsonschema:"what the action changed, in order"`
}

// A Board is one board as its wrappers and its root tell.
type Board struct {
	Name     string   `json:"name"`
	Root     string   `json:"root" jsonschema:"absolute"`
	Exists   bool     `json:"exists" jsonschema:"the root is there"`
	CHOST    *string  `json:"chost" jsonschema:"null if it is not known"`
	Profile  *string  `json:"profile" jsonschema:"REPO:PATH, or a path; null if there is none"`
	PKGDIR   *string  `json:"pkgdir" jsonschema:"null if it is not known"`
	Wrappers []string `json:"wrappers" jsonschema:"paths, sorted"`
	Problems []string `json:"problems" jsonschema:"what is wrong with the board"`
}

// A Change is one thing that an action did.
type Change struct {
	Path   string `json:"path" jsonschema:"absolute"`
	Action string `json:"action" jsonschema:"made, written, linked, moved or removed"`
}

const usage = `usage: tumpline board setup NAME --profile REPO:PATH --chost CHOST [OPTION]...
       tumpline board list | show NAME | remove NAME [OPTION]...
`

const help = usage + `
setup makes the root of a board and writes its etc/portage; and the wrappers emerge-NAME,
ebuild-NAME, eclean-NAME, equery-NAME, portageq-NAME, qcheck-NAME, qfile-NAME, qlist-NAME,
emaint-NAME, glsa-check-NAME and tumpline-NAME, ldconfig-NAME, gdb-NAME and bwrap-NAME, and
CHOST-ldconfig.
A root that is set up already is left alone. Who owns the folders needs no sudo.

  --profile REPO:PATH   the profile, below profiles/ of a repository
  --chost CHOST         what packages are built for
  --root DIR            the root of the board (/build/NAME)
  --pkgdir DIR          binary packages (var/lib/portage/pkgs in the root)
  --binhost URI         where binary packages are fetched from; may be repeated
  --scripts DIR         flatcar/scripts: a wrapper flatcar_workon-NAME is made too
  --bin-dir DIR         where wrappers are (/usr/local/bin)
  --sbin-dir DIR        where those of ldconfig are (sbin beside that)
  --program FILE        the program that wrappers call (this one)
  --regen               write the configuration of a root that is set up already
  --force               remove the root first, if it is one of a board; take over names

list tells which boards there are, show what is known of one, remove takes its wrappers
away.

  --purge               of remove: the root too

Each action takes --json (tumpline schema boards).

examples:

  tumpline board setup amd64-usr --profile coreos-overlay:coreos/amd64/generic --chost x86_64-cros-linux-gnu
  tumpline board setup mine --root ~/mine --bin-dir ~/bin --profile gentoo:default/linux/arm64/23.0 --chost aarch64-unknown-linux-gnu
  tumpline board list --json
`

// Main is the front.
func Main(_ context.Context, env *cli.Env) error {
	env, json, err := answer.Take(env, Boards)
	if err != nil {
		return err
	}
	w, err := argparse.Parse([]argparse.Option{
		{Long: "--help", Short: "-h"},
		{Long: "--profile", Takes: argparse.Text}, {Long: "--chost", Takes: argparse.Text}, {Long: "--root", Takes: argparse.Text},
		{Long: "--pkgdir", Takes: argparse.Text}, {Long: "--binhost", Takes: argparse.Text}, {Long: "--scripts", Takes: argparse.Text},
		{Long: "--bin-dir", Takes: argparse.Text}, {Long: "--sbin-dir", Takes: argparse.Text}, {Long: "--program", Takes: argparse.Text},
		{Long: "--regen"}, {Long: "--force"}, {Long: "--purge"},
	}, env.Args)
	if err != nil {
		return usageError(err.Error())
	}
	if w.Has("--help") {
		_, err := io.WriteString(env.Out, help)
		return err
	}
	for _, word := range w.Rest {
		if strings.HasPrefix(word, "-") {
			return usageError("unrecognized arguments: " + word)
		}
	}
	c := &call{env: env, json: json, words: w}
	if err := c.place(); err != nil {
		return err
	}
	return c.run()
}

// A call is one command line.
type call struct {
	env   *cli.Env
	json  bool
	words *argparse.Words

	binDir, sbinDir string
	changes         []Change
}

// run runs the action that is named.
func (c *call) run() error {
	rest := c.words.Rest
	if len(rest) == 0 {
		return usageError("an action is expected: setup, list, show or remove")
	}
	action, names := rest[0], rest[1:]
	actions := map[string]func(name string) error{"setup": c.setup, "show": c.show, "remove": c.remove}
	run, ok := actions[action]
	switch {
	case action == "list" && len(names) == 0:
		return c.list()
	case action == "list":
		return usageError(fmt.Sprintf("unknown argument %q", names[0]))
	case !ok:
		return usageError(fmt.Sprintf("unknown action %q: setup, list, show or remove", action))
	case len(names) != 1:
		return usageError(action + ": one name of a board is expected")
	}
	if err := checkName(names[0]); err != nil {
		return err
	}
	return run(names[0])
}

func usageError(msg string) error {
	return &cli.UsageError{Program: "tumpline board", Usage: usage, Msg: msg}
}

// checkName refuses what cannot be a part of the names of commands and folders.
func checkName(name string) error {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._+-", r)
	}
	switch {
	case name == "":
		return usageError("the name of the board is empty")
	case strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) >= 0:
		return usageError(fmt.Sprintf("%q cannot be the name of a board: only letters, digits, '.', '_', '+' and '-' can", name))
	case strings.Contains(name, "..") || name[0] == '.' || name[0] == '-':
		return usageError(fmt.Sprintf("%q cannot be the name of a board: it begins with '.' or '-' or has '..'", name))
	}
	return nil
}

// text is an option, or what stands for it.
func (c *call) text(option, otherwise string) string {
	if v := c.words.Text(option); v != nil {
		return *v
	}
	return otherwise
}

// finish prints the document, or the text for people.
func (c *call) finish(boards []Board, text func() error) error {
	if !c.json {
		return text()
	}
	return Boards.Write(c.env.Out, &boardsDoc{Boards: append([]Board{}, boards...), Changes: append([]Change{}, c.changes...)})
}
