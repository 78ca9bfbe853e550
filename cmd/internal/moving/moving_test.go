package moving_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/moving"
	"github.com/tumpline/tumpline/cmd/internal/session"
)

// Moves are carried out once: in the world file, in entries of installed packages, and
// in what others say of these.
func TestMoves(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"etc/portage/repos.conf":                 "[DEFAULT]\nmain-repo = r\n[r]\nlocation = " + filepath.Join(root, "r") + "\n",
		"etc/portage/make.profile/make.defaults": "ARCH=amd64\n",
		"r/profiles/repo_name":                   "r\n",
		"r/profiles/categories":                  "app-misc\n",
		"r/profiles/updates/1Q-2026":             "move app-misc/old app-misc/new\nslotmove app-misc/user 0 1\n",
		"r/metadata/layout.conf":                 "masters =\n",
		"var/lib/portage/world":                  "app-misc/user\napp-misc/old\n",
		"var/db/pkg/app-misc/old-1/PF":           "old-1\n",
		"var/db/pkg/app-misc/old-1/CATEGORY":     "app-misc\n",
		"var/db/pkg/app-misc/old-1/SLOT":         "0\n",
		"var/db/pkg/app-misc/old-1/EAPI":         "8\n",
		"var/db/pkg/app-misc/old-1/repository":   "r\n",
		"var/db/pkg/app-misc/old-1/old-1.ebuild": "EAPI=8\n",
		"var/db/pkg/app-misc/user-1/SLOT":        "0\n",
		"var/db/pkg/app-misc/user-1/EAPI":        "8\n",
		"var/db/pkg/app-misc/user-1/repository":  "r\n",
		"var/db/pkg/app-misc/user-1/RDEPEND":     "app-misc/old\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := session.Open(&session.Options{Root: &root, ConfigRoot: &root, Sysroot: &root, BuildRoot: root, Vars: map[string]string{}, Abs: filepath.Clean}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var done []moving.Change
	p := &moving.Places{Session: s, Root: s.Target, Now: time.Now(), Warn: func(list ...error) {
		for _, err := range list {
			t.Error(err)
		}
	}, Done: func(c moving.Change) { done = append(done, c) }}
	files := p.Fresh()
	if len(files) != 1 || files[0].Commands != 2 || files[0].Faulty {
		t.Fatalf("Fresh = %+v", files)
	}
	for _, err := range []error{p.FixWorld(t.Context()), p.FixInstalled(), p.Note(files)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(done) != 3 || done[0] != moving.Renamed || done[1] != moving.Slotted || done[2] != moving.Updated {
		t.Errorf("done: %v", done)
	}
	for name, want := range map[string]string{
		"var/lib/portage/world":                  "app-misc/new\napp-misc/user\n",
		"var/db/pkg/app-misc/new-1/PF":           "new-1\n",
		"var/db/pkg/app-misc/new-1/new-1.ebuild": "EAPI=8\n",
		"var/db/pkg/app-misc/user-1/SLOT":        "1\n",
		"var/db/pkg/app-misc/user-1/RDEPEND":     "app-misc/new",
	} {
		if got, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q %v, want %q", name, got, err, want)
		}
	}
	if again := p.Fresh(); len(again) != 0 {
		t.Errorf("Fresh after Note = %+v", again)
	}
}
