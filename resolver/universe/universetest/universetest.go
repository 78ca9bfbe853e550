// Package universetest makes what tests of resolvers need beside packages: the
// configuration of a small world, and the policy that answers a universe by it.
package universetest

import (
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Config is the configuration of a playground that has nothing but the given
// files, lines by path below etc/portage/profile; there may be none.
func Config(tb testing.TB, files map[string][]string) *profiles.Config {
	tb.Helper()
	w, err := resolvertest.Layout(tb.TempDir(), &resolvertest.Playground{Definition: resolvertest.Definition{UserConfig: files}})
	if err != nil {
		tb.Fatal(err)
	}
	cfg, err := profiles.Load(profiles.Options{
		ConfigRoot: w.ConfigRoot, Root: "/", Sysroot: "/", EPrefix: w.EPrefix, BRoot: w.EPrefix, Env: map[string]string{},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return cfg
}

// Policy answers a universe by a configuration.
func Policy(cfg *profiles.Config) universe.Policy {
	calc := use.New(cfg)
	return policy{calc, visibility.New(cfg, calc), cfg}
}

type policy struct {
	*use.Calculator
	judge *visibility.Judge
	cfg   *profiles.Config
}

func (p policy) Verdict(e *ebuild.Package) visibility.Verdict { return p.judge.Verdict(e) }
func (p policy) LicenseMasked(e *ebuild.Package) bool         { return p.judge.LicenseMasked(e) }
func (p policy) Provided(cp atoms.CP) []atoms.CPV             { return p.cfg.Provided(cp) }
func (p policy) SonameProvided(soname string) bool            { return p.cfg.SonameProvided(soname) }
func (p policy) Feature(name string) bool                     { return p.cfg.Feature(name) }
