package envupdate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/linkage"
)

// timesName is where the times of library folders are kept, below EROOT.
const timesName = "var/cache/edb/mtimedb"

// renewCache runs ldconfig if a library folder has changed, or the package has files
// directly in one.
func (u *updater) renewCache(ctx context.Context) error {
	times, err := readTimes(u)
	if err != nil {
		return err
	}
	dirs, changed, err := u.folders(times.paths)
	if err != nil {
		return err
	}
	if err := times.write(u); err != nil {
		return err
	}
	if !changed && u.Changed != nil {
		changed = slices.ContainsFunc(u.Changed, func(name string) bool { return dirs[path.Dir(name)] })
	}
	program := u.program()
	if u.Run == nil || !changed && u.Changed != nil || program == "" {
		return nil
	}
	u.result.Ran = []string{program, "-X", "-r", u.fs.Root()}
	if err := u.Run(ctx, u.result.Ran); err != nil {
		u.note("%s: %v", program, err)
	}
	return nil
}

// program finds ldconfig: that of the root, or one of the host that works for it.
func (u *updater) program() string {
	if u.CHOST != "" && u.CBUILD != "" && u.CHOST != u.CBUILD {
		if u.FindProgram == nil {
			return ""
		}
		return u.FindProgram(u.CHOST + "-ldconfig")
	}
	name := u.path("sbin/ldconfig")
	st, err := u.fs.Stat(name)
	if err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG || st.Mode&0o111 == 0 {
		return ""
	}
	dir, err := u.fs.Host(path.Dir(name))
	if err != nil {
		return ""
	}
	return path.Join(dir, path.Base(name))
}

// folders lists the library folders that exist, and says if one has changed since
// its time was noted in times. A time of this very second is set back by one, so that
// a later change is noticed.
func (u *updater) folders(times map[string]int64) (dirs map[string]bool, changed bool, err error) {
	list := slices.Clone(u.ldPath)
	for _, pattern := range []struct{ dir, prefix string }{{"usr", "lib"}, {"", "lib"}} {
		names, err := u.fs.Names(u.path(pattern.dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, false, err
		}
		for _, n := range names {
			if strings.HasPrefix(n, pattern.prefix) && n != "libexec" {
				list = append(list, path.Join("/", pattern.dir, n))
			}
		}
	}
	known, err := linkage.DefaultPaths(path.Join(u.fs.Root(), u.EPrefix), u.LibraryPath)
	if err != nil {
		u.note("%v", err)
	}
	list = append(list, known...)
	slices.Sort(list)
	dirs = make(map[string]bool)
	for _, dir := range slices.Compact(list) {
		name := u.path(dir)
		key := path.Join(u.fs.Root(), name)
		st, err := u.fs.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			delete(times, key)
			continue
		}
		if err != nil {
			return nil, false, err
		}
		dirs[name] = true
		now := st.Mtim.Sec
		if now == u.Now.Unix() {
			now--
			if real, err := u.fs.Real(name); err == nil {
				if err := u.fs.Chtimes(real, now*1e9); err != nil {
					return nil, false, err
				}
			}
		}
		if old, ok := times[key]; !ok || old != now {
			times[key], changed = now, true
		}
	}
	return dirs, changed, nil
}

// times is Portage's file of times, of which only those of library folders are of
// interest here.
type times struct {
	all   map[string]json.RawMessage
	paths map[string]int64
	old   map[string]int64
}

func readTimes(u *updater) (*times, error) {
	t := &times{all: make(map[string]json.RawMessage), paths: make(map[string]int64)}
	text, err := u.fs.ReadFile(u.path(timesName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if json.Unmarshal(text, &t.all) != nil || json.Unmarshal(t.all["ldpath"], &t.paths) != nil {
		t.paths = make(map[string]int64) // what cannot be read is made anew
	}
	if t.all == nil {
		t.all = make(map[string]json.RawMessage)
	}
	t.old = maps.Clone(t.paths)
	return t, nil
}

func (t *times) write(u *updater) error {
	if maps.Equal(t.paths, t.old) {
		return nil
	}
	raw, err := json.Marshal(t.paths)
	if err != nil {
		return fmt.Errorf("write %s: %w", timesName, err)
	}
	t.all["ldpath"] = raw
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(t.all); err != nil {
		return fmt.Errorf("write %s: %w", timesName, err)
	}
	if err := u.fs.MkdirAll(path.Dir(u.path(timesName)), 0o755); err != nil {
		return err
	}
	return u.write(u.path(timesName), strings.TrimSuffix(text.String(), "\n"))
}
