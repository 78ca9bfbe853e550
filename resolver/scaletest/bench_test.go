package scaletest_test

import (
	"fmt"
	"testing"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/scaletest"
)

// BenchmarkUpdate resolves -uDN @world on trees of growing size, with all
// packages read before.
func BenchmarkUpdate(b *testing.B) {
	for _, n := range []int{2000, 8000, 32000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			tree := scaletest.Generate(1, scaletest.OfVersions(n))
			dir := b.TempDir()
			if err := tree.Write(dir); err != nil {
				b.Fatal(err)
			}
			root := openRoot(b, tree, dir)
			sys := &resolver.System{Target: root, Running: root, Sysroot: root}
			options := params.New()
			options.Update, options.Deep, options.NewUse = true, params.Infinite, true
			req := &resolver.Request{Options: options, Args: []resolver.Arg{{Text: "@world", Set: "world"}}}
			for b.Loop() {
				if _, err := resolver.Resolve(b.Context(), sys, req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func openRoot(b *testing.B, tree *scaletest.Tree, dir string) *resolver.Root {
	b.Helper()
	config, err := profiles.Load(profiles.Options{ConfigRoot: dir, Root: dir, Sysroot: dir, Env: map[string]string{}})
	if err != nil {
		b.Fatal(err)
	}
	repos, err := ebuild.Open(config.Repos(), ebuild.OpenOptions{UserCategories: config.UserDir})
	if err != nil {
		b.Fatal(err)
	}
	calculator := use.New(config)
	judge := visibility.New(config, calculator)
	installed := tree.InstalledSource()
	return &resolver.Root{
		Path: dir + "/", Config: config, USE: calculator, Judge: judge, Repos: repos.All(), Installed: installed,
		Sets: sets.Load(sets.Options{
			Root: dir, ConfigRoot: dir, Nodes: config.Nodes, Repos: config.Repos(),
			Queries: sets.Queries{
				Installed: installed, Ebuilds: repos,
				Visible: func(p *ebuild.Package) bool { return judge.Verdict(p).Visible() },
			},
		}),
	}
}
