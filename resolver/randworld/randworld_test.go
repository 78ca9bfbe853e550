package randworld_test

import (
	"testing"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/randworld"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

func TestWorldsAreSound(t *testing.T) {
	installed := 0
	for seed := range uint64(300) {
		w := randworld.Generate(seed, randworld.Small())
		if again := randworld.Generate(seed, randworld.Small()); again.Text() != w.Text() {
			t.Fatalf("seed %d gives two worlds:\n%s\n%s", seed, w.Text(), again.Text())
		}
		if _, err := resolvertest.ParseText("world.txtar", []byte(w.Text())); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, w.Text())
		}
		for _, list := range [][]*ebuild.Package{w.EbuildSource().All(), w.InstalledSource().All()} {
			for _, p := range list {
				if bad := p.Invalid(); len(bad) > 0 {
					t.Fatalf("seed %d: %v: %v\n%s", seed, p, bad, w.Text())
				}
			}
		}
		installed += len(w.Installed)
	}
	if installed < 300 {
		t.Errorf("only %d packages are installed in 300 worlds", installed)
	}
}
