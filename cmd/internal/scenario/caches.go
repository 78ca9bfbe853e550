package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/tumpline/tumpline/cmd/internal/cases/trees"
)

// thirdParty is where a checkout of flatcar/scripts has its repositories.
const thirdParty = "sdk_container/src/third_party"

func repositories() []string { return []string{"portage-stable", "coreos-overlay"} }

// caches sets checkout to a place where the repositories have caches of metadata: what
// the host has installed is made up from them, and Portage would source ebuilds anew in
// every run. The checkout itself has them where somebody made them there; if not, they
// are made by the program under test in a copy.
func (b *bed) caches(ctx context.Context) error {
	if cached(b.scripts) {
		b.checkout = b.scripts
		return nil
	}
	b.checkout = filepath.Join(b.work, "scripts")
	if cached(b.checkout) {
		return nil
	}
	dir := filepath.Join(b.work, "copy")
	for _, path := range []string{dir, b.checkout} {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	t, err := trees.Flatcar(b.scripts, dir)
	if err != nil {
		return fmt.Errorf("copy the repositories of flatcar/scripts: %w", err)
	}
	c := exec.CommandContext(ctx, b.program, "regen", "--tolerant", "--quiet", "--config-root", t.Config)
	c.Env = append(os.Environ(), "TUMPLINE_CACHE_DIR="+filepath.Join(dir, "cache"), "PORTAGE_DEPCACHEDIR="+filepath.Join(dir, "dep"))
	if text, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("make the metadata of flatcar/scripts: %w\n%s", err, text)
	}
	to := filepath.Join(b.checkout, thirdParty)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, name := range repositories() {
		if err := os.Rename(t.Repos[name], filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return os.RemoveAll(dir)
}

// cached says whether both repositories of a checkout have caches.
func cached(checkout string) bool {
	for _, name := range repositories() {
		if _, err := os.Stat(filepath.Join(checkout, thirdParty, name, "metadata/md5-cache")); err != nil {
			return false
		}
	}
	return true
}
