package livefs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/confprotect"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/vdb"
)

// Modes of new state files. Those that Portage takes locks on are for its group.
const (
	plainMode = 0o644
	groupMode = 0o660
)

// stageText plans that a state file gets a text. Mode and owner of an existing one
// stay; a new one gets the mode.
func (j *job) stageText(name string, text []byte, mode uint32) error {
	live, err := j.stat(name)
	if err != nil {
		return err
	}
	if live != nil && kindOf(live) == unix.S_IFREG {
		old, err := j.fs.ReadFile(name)
		if err != nil || bytes.Equal(old, text) {
			return err
		}
	}
	real := j.real(name)
	staged, err := j.txn.Staged(path.Dir(real))
	if err != nil {
		return err
	}
	if live != nil {
		mode = live.Mode & 0o7777
	}
	out, err := j.fs.Create(staged, mode)
	if err != nil {
		return err
	}
	if _, err = out.Write(text); err == nil && live != nil && j.Ownership == Apply {
		err = out.Chown(int(live.Uid), int(live.Gid))
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	return j.planPlace(real, staged, live)
}

// stageMemory plans the new text of the config memory, if it changed.
func (j *job) stageMemory() error {
	if !j.remind {
		return nil
	}
	return j.stageText(j.log.Path(confprotect.MemoryName), j.memory.Bytes(), groupMode)
}

// stageWorld plans the new texts of the world files.
func (j *job) stageWorld() error {
	for _, w := range []struct {
		name string
		edit WorldEdit
	}{{vdb.WorldName, j.World}, {vdb.WorldSetsName, j.WorldSets}} {
		if len(w.edit.Add)+len(w.edit.Remove) == 0 {
			continue
		}
		name := j.log.Path(w.name)
		text, err := j.fs.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := j.stageText(name, vdb.EditWorld(text, w.edit.Add, w.edit.Remove), plainMode); err != nil {
			return err
		}
	}
	return nil
}

// stageContents plans that an installed package loses some files, by real path, from
// its record.
func (j *job) stageContents(in *instance, lost func(real string) bool) error {
	listed, problems := j.db.Contents(in.Package)
	for _, err := range problems {
		j.result.problem(err)
	}
	kept := slices.DeleteFunc(slices.Clone(listed), func(c vdb.Content) bool {
		return c.Kind != vdb.KindDir && lost(j.real(c.Path))
	})
	if len(kept) == len(listed) {
		return nil
	}
	if vdb.Stamped(in.Path) {
		j.stamps = append(j.stamps, in.Path)
	}
	return j.stageText(path.Join(in.entry, "CONTENTS"), vdb.FormatContents(kept), plainMode)
}

// stageEntry makes the new entry and plans that it gets into place: in exchange for
// the one of the same name, if there is one.
func (j *job) stageEntry(e Entry, contents []vdb.Content, owners []ownerLine, olds []*instance, use Use) (name string, err error) {
	base := j.log.Path("var/db/pkg")
	category := path.Join(base, e.CPV.CP.Category())
	name = path.Join(category, e.CPV.PF())
	for _, in := range olds {
		if in.CPV == e.CPV {
			name = in.entry
		}
	}
	staged, err := j.txn.Staged(base)
	if err != nil {
		return "", err
	}
	host, err := j.host(staged)
	if err != nil {
		return "", err
	}
	if err := j.fillEntry(host, e, contents, owners, use); err != nil {
		return "", fmt.Errorf("stage entry of %s: %w", e.CPV, err)
	}
	if !j.fs.IsDir(category) {
		dir, err := j.txn.Staged(base)
		if err != nil {
			return "", err
		}
		if err := j.fs.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
		j.txn.Add(journal.Step{Op: journal.OpPlace, Part: journal.PartEntry, Path: category, New: dir, Tree: []journal.Item{}})
	}
	step := journal.Step{Op: journal.OpPlace, Part: journal.PartEntry, Path: name, New: staged, Loose: true}
	st, err := j.stat(name)
	if err != nil {
		return "", err
	}
	if st != nil {
		step.Op, step.Probe = journal.OpSwap, "COUNTER"
		if step.Old, err = j.txn.Saved(base); err != nil {
			return "", err
		}
	}
	j.txn.Add(step)
	return name, nil
}

// skipped are files of build-info that are of another place or time.
func skipped(name string) bool {
	switch name {
	case "CONTENTS", "COUNTER", "metadata":
		return true
	}
	return false
}

func (j *job) fillEntry(host string, e Entry, contents []vdb.Content, owners []ownerLine, use Use) error {
	if err := os.Mkdir(host, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(host, 0o755); err != nil {
		return err
	}
	names, err := os.ReadDir(e.Info)
	if err != nil {
		return err
	}
	for _, n := range names {
		if _, own := e.Files[n.Name()]; own || skipped(n.Name()) || !n.Type().IsRegular() {
			continue
		}
		if err := takeInfo(filepath.Join(host, n.Name()), filepath.Join(e.Info, n.Name()), use); err != nil {
			return err
		}
	}
	files := map[string][]byte{
		"CONTENTS": vdb.ListContents(contents),
		"COUNTER":  strconv.AppendInt(nil, j.result.Counter, 10),
	}
	if j.Ownership == Record {
		files["OWNERSHIP"] = formatOwners(owners)
	}
	for name, text := range e.Files {
		if !skipped(name) {
			files[name] = text
		}
	}
	for name, text := range files {
		if err := writeFile(filepath.Join(host, name), text); err != nil {
			return err
		}
	}
	return vdb.Consolidate(host)
}

// takeInfo makes a file of an entry from one of build-info: of what is thrown away the
// file itself, if nobody else has it.
func takeInfo(host, src string, use Use) error {
	var st unix.Stat_t
	if use == Consume && unix.Lstat(src, &st) == nil && st.Nlink == 1 && int(st.Uid) == os.Geteuid() && int(st.Gid) == os.Getegid() &&
		os.Link(src, host) == nil {
		return os.Chmod(host, 0o644)
	}
	if err := copyTo(host, src); err != nil {
		return err
	}
	return os.Chmod(host, 0o644)
}

func writeFile(name string, text []byte) error {
	if err := os.WriteFile(name, text, 0o644); err != nil {
		return err
	}
	return os.Chmod(name, 0o644)
}

// formatOwners gives the text of the file OWNERSHIP: for each path a line with mode
// (octal, with the type), uid, gid, device number and path.
func formatOwners(list []ownerLine) []byte {
	slices.SortFunc(list, func(a, b ownerLine) int { return bytes.Compare([]byte(a.path), []byte(b.path)) })
	var out bytes.Buffer
	for _, o := range list {
		fmt.Fprintf(&out, "%o %d %d %d %s\n", o.owner.Mode, o.owner.UID, o.owner.GID, o.owner.Dev, o.path)
	}
	return out.Bytes()
}
