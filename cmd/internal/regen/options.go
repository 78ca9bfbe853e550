package regen

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// Options are what both fronts have decoded of their command lines.
type options struct {
	repos      []string   // names; empty: all, or the only one
	packages   []atoms.CP // nil: all
	update     bool
	localDesc  bool
	descIndex  bool
	timestamp  bool
	external   bool
	tolerant   bool
	comments   bool
	output     *string // of use.local.desc; "-": standard output
	configRoot *string
	reposConf  *string
	cacheDir   *string // user-side cache
	jobs       int     // 0: as many as there are processors
	load       float64 // 0: any
	json       bool
	quiet      bool
	strict     bool             // a broken ebuild is a failure
	manifests  *manifestOptions // nil: not asked for
}

// updateOptions are the options that both fronts have.
func updateOptions() []argparse.Option {
	return []argparse.Option{
		{Long: "--help", Short: "-h"},
		{Long: "--config-root", Takes: argparse.Text},
		{Long: "--external-cache-only"},
		{Long: "--repositories-configuration", Takes: argparse.Text},
		{Long: "--tolerant"},
		{Long: "--write-timestamp"},
		{Long: "--cache-dir", Takes: argparse.Text},
		{Long: "--jobs", Short: "-j", Takes: argparse.Int},
		{Long: "--load-average", Takes: argparse.Float},
		{Long: "--preserve-comments"},
		{Long: "--use-local-desc-output", Takes: argparse.Text},
		{Long: "--update-use-local-desc"},
		{Long: "--update-pkg-desc-index"},
	}
}

// decode decodes the options that both fronts have.
func decode(env *cli.Env, w *argparse.Words) (*options, error) {
	o := &options{
		localDesc: w.Has("--update-use-local-desc"), descIndex: w.Has("--update-pkg-desc-index"),
		timestamp: w.Has("--write-timestamp"), external: w.Has("--external-cache-only"),
		tolerant: w.Has("--tolerant"), comments: w.Has("--preserve-comments"),
	}
	o.output, o.reposConf = w.Text("--use-local-desc-output"), w.Text("--repositories-configuration")
	o.configRoot, o.cacheDir = w.Text("--config-root"), w.Text("--cache-dir")
	if text := w.Text("--jobs"); text != nil {
		o.jobs, _ = strconv.Atoi(strings.TrimSpace(*text)) // checked when it was read
		if o.jobs < 0 {
			return nil, fmt.Errorf("Invalid: --jobs='%d'", o.jobs)
		}
	}
	if text := w.Text("--load-average"); text != nil {
		o.load, _ = strconv.ParseFloat(strings.TrimSpace(*text), 64) // checked when it was read
		if o.load < 0 {
			return nil, fmt.Errorf("Invalid: --load-average='%s'", *text)
		}
	}
	if dir := o.configRoot; dir != nil && !isFolder(env.Abs(*dir)) {
		return nil, fmt.Errorf("Not a directory: --config-root='%s'", *dir)
	}
	if dir := o.cacheDir; dir != nil {
		if !isFolder(env.Abs(*dir)) {
			return nil, fmt.Errorf("Not a directory: --cache-dir='%s'", *dir)
		}
		if !writable(env.Abs(*dir)) {
			return nil, fmt.Errorf("Write access denied: --cache-dir='%s'", *dir)
		}
		*dir = env.Abs(*dir)
	}
	return o, nil
}

// names reads the arguments that are names of packages.
func names(args []string) ([]atoms.CP, error) {
	var list []atoms.CP
	for _, arg := range args {
		a, err := atoms.ParseAtom(arg, atoms.AtomOptions{AllowRepo: true})
		if err != nil {
			return nil, fmt.Errorf("Invalid atom: %s", arg)
		}
		if string(a.CP) != arg {
			return nil, fmt.Errorf("Atom is too specific: %s", arg)
		}
		list = append(list, a.CP)
	}
	return list, nil
}

func isFolder(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// writable says whether this process may write to a folder.
func writable(dir string) bool { return unix.Access(dir, unix.W_OK) == nil }
