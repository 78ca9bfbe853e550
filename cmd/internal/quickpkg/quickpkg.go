// Package quickpkg is the front of "tumpline quickpkg": binary packages of what is
// installed. It takes quickpkg's command line.
//
// What goes into a package is the business of merge/quickpkg; this one finds the
// packages that arguments mean, and tells what became of them.
package quickpkg

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/quickpkg"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

const program = "quickpkg"

const usage = "usage: quickpkg [options] <list of package atoms or package sets>\n"

//go:embed help.txt
var help string

// options are the command line.
type options struct {
	umask              string
	ignoreDefault      bool
	config, unmodified string
	words              []string
	mask               uint32
	parsed             bool
}

// parse reads a command line.
func (o *options) parse(env *cli.Env, args []string) error {
	o.parsed = false
	c := &cobra.Command{Use: "quickpkg [options] ATOM|@SET...", Short: "make binary packages of installed packages",
		Args: cobra.ArbitraryArgs, SilenceErrors: true, SilenceUsage: true,
		RunE: func(_ *cobra.Command, words []string) error {
			o.words, o.parsed = words, true
			return o.check()
		}}
	c.SetArgs(args)
	c.SetOut(env.Out)
	c.SetErr(env.Err)
	c.SetHelpFunc(func(*cobra.Command, []string) { _, _ = fmt.Fprint(env.Out, help) })
	f := c.Flags()
	f.StringVar(&o.umask, "umask", "0077", "umask used during package creation")
	f.BoolVar(&o.ignoreDefault, "ignore-default-opts", false, "do not use QUICKPKG_DEFAULT_OPTS")
	f.StringVar(&o.config, "include-config", "n", "include all files protected by CONFIG_PROTECT (`y` or n)")
	f.StringVar(&o.unmodified, "include-unmodified-config", "n", "include those that have not been modified since installation (`y` or n)")
	return c.Execute()
}

// check refuses what has no meaning.
func (o *options) check() error {
	if len(o.words) == 0 {
		return fmt.Errorf("no packages atoms given")
	}
	for _, s := range []string{o.config, o.unmodified} {
		if s != "y" && s != "n" {
			return fmt.Errorf("invalid choice: '%s' (choose from 'y', 'n')", s)
		}
	}
	mask, err := strconv.ParseUint(o.umask, 8, 32)
	if err != nil {
		return fmt.Errorf("invalid umask: %s", o.umask)
	}
	o.mask = uint32(mask) & 0o777
	return nil
}

// kind says which configuration files are packed.
func (o *options) kind() quickpkg.Config {
	switch {
	case o.config == "y":
		return quickpkg.AllConfig
	case o.unmodified == "y":
		return quickpkg.UnmodifiedConfig
	}
	return quickpkg.NoConfig
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	o := &options{}
	if err := o.parse(env, env.Args); err != nil {
		return &cli.UsageError{Program: program, Usage: usage, Msg: err.Error()}
	}
	if !o.parsed {
		return nil // help was wanted
	}
	s, err := session.Open(&session.Options{Vars: env.Vars, Abs: env.Abs, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // losing the index costs time, nothing else
	if !o.ignoreDefault {
		first, err := shellconf.Split(s.Target.Config.Get("QUICKPKG_DEFAULT_OPTS"))
		if err == nil {
			err = o.parse(env, append(first, env.Args...))
		}
		if err != nil {
			return &cli.UsageError{Program: program, Usage: usage, Msg: "QUICKPKG_DEFAULT_OPTS: " + err.Error()}
		}
	}
	r := &run{options: o, env: env, root: s.Target, out: newPrinter(env)}
	if err := r.prepare(); err != nil {
		return err
	}
	for _, word := range o.words {
		if err := r.word(ctx, word); err != nil {
			return err
		}
	}
	return r.summary()
}

// prepare makes the options for all packages, and looks if PKGDIR may be written to.
func (r *run) prepare() error {
	c := r.root.Config
	w, err := binpkg.Configured(c, binpkg.Surroundings{Path: filepath.SplitList(r.env.Vars["PATH"]), Env: environ(r.env), CPUs: runtime.NumCPU(), Now: time.Now()})
	if err != nil {
		return err
	}
	w.Umask = r.mask
	w.Attributes = binpkg.OwnerNames()
	_ = os.MkdirAll(w.Dir.Path, 0o755) // the question below has the answer
	if unix.Access(w.Dir.Path, unix.W_OK) != nil {
		r.out.error(fmt.Sprintf("No write access to '%s'", w.Dir.Path))
		return &cli.FailedError{Status: int(unix.EACCES)}
	}
	r.make = quickpkg.Options{Root: r.root.Path, EPrefix: r.root.EPrefix, DB: r.root.Installed, Config: r.kind(),
		Protect: c.Words("CONFIG_PROTECT"), ProtectMask: c.Words("CONFIG_PROTECT_MASK"), Write: *w}
	return nil
}

// environ is the environment of programs, in a stable order.
func environ(env *cli.Env) (list []string) {
	for _, name := range []string{"HOME", "PATH", "TMPDIR", "GPG_TTY", "GPG_AGENT_INFO", "GNUPGHOME"} {
		if value, ok := env.Vars[name]; ok {
			list = append(list, name+"="+value)
		}
	}
	return list
}
