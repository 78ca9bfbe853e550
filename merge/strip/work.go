package strip

import (
	"context"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/elfscan"
	"github.com/tumpline/tumpline/merge/filecopy"
)

// A work is the processing of one file with all its names.
type work struct {
	*Options
	ctx      context.Context
	group    group
	file     string // its first path, on disk
	buildID  string // as debugedit made it; "" if it was not asked
	sources  []string
	stripped bool
}

func (w *work) run() (err error) {
	w.file = filepath.Join(w.D, w.group.paths[0])
	info, err := os.Stat(w.file)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o200 == 0 {
		// What nobody may write is made writable for the moment.
		if err := os.Chmod(w.file, info.Mode()|0o200); err != nil {
			return err
		}
	}
	attributes, err := w.keepAttributes()
	if err != nil {
		return err
	}
	if w.InstallSources {
		if err := w.collectSources(); err != nil {
			return err
		}
	}
	if w.DedupDebug {
		if _, err := w.tool(w.ctx, w.Tools.Dwz, "--", w.file); err != nil {
			return err
		}
	}
	if w.Strip {
		if err := w.strip(); err != nil {
			return err
		}
	}
	if err := w.restore(info.Mode(), attributes); err != nil {
		return err
	}
	return w.relink()
}

// strip splits the debug information off, if that is wanted, and strips.
func (w *work) strip() error {
	split := w.SplitDebug && (w.group.kind != elfscan.Relocatable || strings.HasSuffix(w.file, ".ko")) && !strings.HasSuffix(w.file, ".debug")
	if split {
		if err := w.split(); err != nil {
			return err
		}
	}
	w.stripped = true
	_, err := w.tool(w.ctx, w.Tools.Strip, append(slices.Clone(w.Tools.flags(w.group.kind)), w.file)...)
	return err
}

// split writes the debug file, its build id links, and the name of the debug file
// into the program.
func (w *work) split() error {
	debug := filepath.Join(w.D, w.EPrefix, "usr/lib/debug", w.group.paths[0]+".debug")
	if err := os.MkdirAll(filepath.Dir(debug), 0o755); err != nil {
		return err
	}
	args := []string{"--only-keep-debug"}
	if w.CompressDebug {
		args = append(args, "--compress-debug-sections")
	}
	if _, err := w.tool(w.ctx, w.Tools.Objcopy, append(args, w.file, debug)...); err != nil {
		return err
	}
	if err := w.debugMode(debug); err != nil {
		return err
	}
	if err := w.identify(debug); err != nil {
		return err
	}
	_, err := w.tool(w.ctx, w.Tools.Objcopy, "--add-gnu-debuglink="+debug, w.file)
	return err
}

// debugMode makes a debug file readable as its program is, never executable.
func (w *work) debugMode(debug string) error {
	info, err := os.Stat(w.file)
	if err != nil {
		return err
	}
	old, err := os.Stat(debug)
	if err != nil {
		return err
	}
	mode := old.Mode().Perm() &^ 0o113 // a-x,o-w
	if info.Mode()&(fs.ModeSetuid|fs.ModeSetgid) != 0 {
		mode &^= 0o040 | 0o004 // go-r
	}
	return os.Chmod(debug, mode)
}

// identify salts the build id, so that a library bundled in two packages has two,
// and links both files by it.
func (w *work) identify(debug string) error {
	if w.buildID == "" && w.Tools.Debugedit != "" {
		id, err := w.tool(w.ctx, w.Tools.Debugedit, "-i", "-s", w.Salt, w.file)
		if err != nil {
			return err
		}
		w.buildID = strings.TrimSpace(id)
		if err := w.copyBuildID(debug); err != nil {
			return err
		}
	}
	if w.buildID == "" {
		w.buildID = readBuildID(w.file)
	}
	if len(w.buildID) < 3 {
		return nil
	}
	dir := filepath.Join(w.D, w.EPrefix, "usr/lib/debug/.build-id", w.buildID[:2])
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	inside := strings.TrimPrefix(w.group.paths[0], w.EPrefix)
	for name, to := range map[string]string{
		w.buildID[2:] + ".debug": "../.." + w.group.paths[0] + ".debug",
		w.buildID[2:]:            "../../../../.." + inside,
	} {
		// Equal files share their id; the first one has it.
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// copyBuildID gives the debug file the build id of its program.
func (w *work) copyBuildID(debug string) error {
	if readBuildID(w.file) == "" {
		return nil
	}
	note, err := os.CreateTemp(w.Temp, "build-id-")
	if err != nil {
		return err
	}
	defer os.Remove(note.Name())
	note.Close() // only its name is wanted
	const section = ".note.gnu.build-id="
	if _, err := w.tool(w.ctx, w.Tools.Objcopy, "--dump-section", section+note.Name(), w.file); err != nil {
		return err
	}
	_, err = w.tool(w.ctx, w.Tools.Objcopy, "--update-section", section+note.Name(), debug)
	return err
}

// readBuildID gives the build id in hexadecimal digits, "" if there is none.
func readBuildID(file string) string {
	f, err := elf.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	s := f.Section(".note.gnu.build-id")
	if s == nil {
		return ""
	}
	data, err := s.Data()
	if err != nil || len(data) < 16 {
		return ""
	}
	size := int(f.ByteOrder.Uint32(data[4:]))
	start := 12 + int(f.ByteOrder.Uint32(data[0:])+3)&^3
	if start < 12 || start+size > len(data) || size < 0 {
		return ""
	}
	return hex.EncodeToString(data[start : start+size])
}

// An attribute is an extended attribute.
type attribute struct {
	name  string
	value []byte
}

func (w *work) keepAttributes() ([]attribute, error) {
	if !w.Xattr {
		return nil, nil
	}
	names, err := filecopy.Names(w.file)
	if err != nil {
		return nil, err
	}
	var out []attribute
	for _, name := range names {
		value, err := filecopy.Value(w.file, name)
		if err != nil {
			return nil, err
		}
		out = append(out, attribute{name, value})
	}
	return out, nil
}

func (w *work) restore(mode fs.FileMode, attributes []attribute) error {
	if err := os.Chmod(w.file, mode); err != nil {
		return err
	}
	for _, a := range attributes {
		if err := unix.Lsetxattr(w.file, a.name, a.value, 0); err != nil {
			return fmt.Errorf("set extended attribute %s of %s: %w", a.name, w.file, err)
		}
	}
	return nil
}

// relink makes all names the same file again: the tools write new ones.
func (w *work) relink() error {
	for _, name := range w.group.paths[1:] {
		path := filepath.Join(w.D, name)
		if err := os.Remove(path); err != nil {
			return err
		}
		if err := os.Link(w.file, path); err != nil {
			return err
		}
	}
	return nil
}

// archive strips a static library.
func (o *Options) archive(ctx context.Context, file string) error {
	if _, err := o.tool(ctx, o.Tools.Strip, "-g", file); err != nil {
		return err
	}
	if o.Tools.Ranlib == "" {
		return nil
	}
	_, err := o.tool(ctx, o.Tools.Ranlib, file)
	return err
}
