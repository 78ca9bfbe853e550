package phase

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// A Dir is a build directory: PORTAGE_TMPDIR/portage/CATEGORY/PF, with the folders
// and marker files that Portage has there.
type Dir string

// NewDir gives the build directory of a package below PORTAGE_TMPDIR.
func NewDir(tmpdir, category, pf string) Dir {
	return Dir(filepath.Join(tmpdir, "portage", category, pf))
}

func (d Dir) join(name string) string { return filepath.Join(string(d), name) }

// Work is WORKDIR.
func (d Dir) Work() string { return d.join("work") }

// Temp is T.
func (d Dir) Temp() string { return d.join("temp") }

// Image is D.
func (d Dir) Image() string { return d.join("image") }

// Home is HOME.
func (d Dir) Home() string { return d.join("homedir") }

// Empty is where pkg_ phases run.
func (d Dir) Empty() string { return d.join("empty") }

// Distdir is the DISTDIR that phases see.
func (d Dir) Distdir() string { return d.join("distdir") }

// Files is FILESDIR.
func (d Dir) Files() string { return d.join("files") }

// Info holds the files that become the installed package's entry.
func (d Dir) Info() string { return d.join("build-info") }

// State is the file with what phases leave for each other.
func (d Dir) State() string { return filepath.Join(d.Temp(), "environment") }

// Done says whether a phase has been completed.
func (d Dir) Done(p Phase) bool {
	_, err := os.Stat(d.join(p.marker()))
	return p.marker() != "" && err == nil
}

// Marker names the file that says that a phase is done.
func (d Dir) Marker(p Phase) string { return d.join(p.marker()) }

// Mark notes that a phase is done.
func (d Dir) Mark(p Phase) error {
	if p.marker() == "" {
		return nil
	}
	return d.Write(p.marker(), "")
}

// Unmark notes that a phase has to be done again.
func (d Dir) Unmark(p Phase) error {
	if p.marker() == "" {
		return nil
	}
	return removeAll(d.join(p.marker()))
}

// Message keeps lines as messages of a phase, beside those that it gave itself.
func (d Dir) Message(p Phase, class string, lines ...string) error {
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := root.OpenFile("temp/logging/"+p.String(), os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(class + " " + strings.ReplaceAll(l, "\n", "\n"+class+" ") + "\n")
	}
	_, err = f.WriteString(text.String())
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// Write writes a file of the build directory whole, by its name there. The user who
// builds may have put links in its way: none is followed out of the directory. It
// needs no syncing: after a crash the build starts anew.
func (d Dir) Write(name, text string) error {
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return err
	}
	defer root.Close()
	tmp := name + ".new"
	if err := root.RemoveAll(tmp); err != nil {
		return err
	}
	f, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		f.Close() // the error above says what is wrong
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return root.Rename(tmp, name)
}

// An Owner is who builds: with userpriv an unprivileged user.
type Owner struct{ UID, GID int }

// Prepare makes the folders that a phase needs, and gives those that phases write
// to their owner (nil: they stay with this process's user).
func (b *Build) Prepare(owner *Owner) error {
	d := b.Dir
	if err := os.MkdirAll(filepath.Dir(string(d)), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o700)
	if m, err := strconv.ParseUint(b.Variables["PORTAGE_WORKDIR_MODE"], 8, 12); err == nil {
		mode = fs.FileMode(m)
	}
	if err := removeAll(d.Home(), d.Empty(), d.Distdir()); err != nil {
		return err
	}
	for _, f := range []struct {
		path  string
		mode  fs.FileMode
		owned bool
	}{
		{string(d), mode, true}, {d.Work(), mode, true}, {d.Temp(), 0o755, true}, {d.Temp() + "/logging", 0o755, true},
		{d.Home(), 0o755, true}, {d.Empty(), 0o755, false}, {d.Distdir(), 0o755, false}, {d.Info(), 0o755, false},
	} {
		if err := folder(f.path, f.mode, f.owned, owner); err != nil {
			return err
		}
	}
	return b.links()
}

func folder(path string, mode fs.FileMode, owned bool, owner *Owner) error {
	if err := os.Mkdir(path, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("prepare build directory: %s is no folder", path)
	}
	if owned && owner != nil {
		if err := os.Lchown(path, owner.UID, owner.GID); err != nil {
			return err
		}
	}
	return os.Chmod(path, mode)
}

// links makes the links that stand for files of elsewhere: DISTDIR holds those of
// A only, so that nothing undeclared is used.
func (b *Build) links() error {
	for _, name := range b.Distfiles {
		if name == "" || filepath.Base(name) != name {
			return fmt.Errorf("distfile with an impossible name: %q", name)
		}
		if err := os.Symlink(filepath.Join(b.DistDir, name), filepath.Join(b.Dir.Distdir(), name)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if to, err := os.Readlink(b.Dir.Files()); err == nil && to == b.FilesDir {
		return nil
	}
	if err := removeAll(b.Dir.Files()); err != nil {
		return err
	}
	return os.Symlink(b.FilesDir, b.Dir.Files())
}

// Clean removes what builds leave. keepWork and keepTemp are FEATURES.
func (d Dir) Clean(keepWork, keepTemp bool) error {
	paths := []string{d.Image(), d.Home(), d.Empty(), d.Distdir(), d.join(".installed")}
	if !keepTemp && !keepWork {
		paths = append(paths, d.Temp())
	}
	if !keepWork {
		for _, name := range []string{".ebuild_changed", ".logid", ".pretended", ".setuped", ".unpacked", ".prepared", ".configured",
			".compiled", ".tested", ".packaged", ".instprepped", ".die_hooks", ".exit_status", ".sources", functionsFile, ".src_patches", listsFile, "build-info", ".ipc", ".ipc.socket", "work", "files"} {
			paths = append(paths, d.join(name))
		}
	}
	if err := removeAll(paths...); err != nil {
		return err
	}
	if err := os.Remove(string(d)); err != nil && !errors.Is(err, fs.ErrNotExist) && !keepWork && !keepTemp {
		return err
	}
	return nil
}

func removeAll(paths ...string) error {
	for _, p := range paths {
		if err := os.RemoveAll(p); err != nil {
			return err
		}
	}
	return nil
}
