package merging

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/infoindex"
	"github.com/tumpline/tumpline/merge/inroot"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/mtimedb"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// InfoIndex brings the index of the info folders of a root up to date, if there is
// install-info on this machine and FEATURES=noinfo does not forbid it. Without the
// program the result is nil.
func (w *Works) InfoIndex(ctx context.Context, root *session.Root) (*infoindex.Result, error) {
	i := &Installer{Works: w}
	program := i.find("install-info")
	if program == "" || root.Config.Feature("noinfo") {
		return nil, nil
	}
	f, err := inroot.Open(filepath.Clean(root.Path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	log, err := journal.Open(ctx, f, journal.Options{EPrefix: root.EPrefix, Holder: "index info files", Now: time.Now(), Waiting: func(holder string) {
		_, _ = fmt.Fprintf(w.Env.Err, "waiting for %s\n", holder) // a closed stream cannot be told anything
	}})
	if err != nil {
		return nil, err
	}
	defer log.Close()
	dirs := infoDirs(root)
	path := filepath.Join(root.EROOT(), mtimedb.Name)
	times := mtimedb.InfoTimes(path)
	r, err := infoindex.Update(ctx, f, infoindex.Options{Dirs: dirs, Times: times, Install: func(ctx context.Context, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Dir, cmd.Env = "/", []string{"PATH=" + w.Env.Vars["PATH"], "LC_ALL=C"}
		text, err := cmd.CombinedOutput()
		return string(text), err
	}})
	if err != nil || r.Folders == 0 {
		return r, err
	}
	return r, mtimedb.NoteInfoTimes(path, times)
}

// infoDirs lists INFOPATH and INFODIR of a root, as they are after what was merged.
func infoDirs(root *session.Root) (dirs []string) {
	now, err := shellconf.ReadFile(filepath.Join(root.EROOT(), "etc/profile.env"), shellconf.Options{Tolerant: true})
	for _, name := range []string{"INFOPATH", "INFODIR"} {
		list := filepath.SplitList(root.Config.Get(name))
		if err == nil {
			if v, ok := now.Lookup(name); ok {
				list = append(list, filepath.SplitList(v.Value)...)
			}
		}
		for _, dir := range list {
			if !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}
