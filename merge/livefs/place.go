package livefs

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/confprotect"
	"github.com/tumpline/tumpline/merge/filecopy"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/vdb"
)

// A placer stages an image and plans how it gets into place.
type placer struct {
	*job
	old      *instance        // the instance whose records tell what is unchanged; may be nil
	contents []vdb.Content    // one for each item
	acts     []Act            // likewise
	dirs     map[string]place // of the image's folders, by path in the image
	links    map[inode]source // the first file of each inode with several names
	taken    map[string]bool  // real paths that this merge fills
	grafts   []*graft
	owners   []ownerLine
	buffer   []byte
}

// A place is where a folder of the image is: an existing folder of the root, or a
// folder of a staged tree.
type place struct {
	real  string // in the root
	graft *graft // nil: the folder exists
}

// A graft is a tree of new folders that is put in place as a whole.
type graft struct {
	path   string // in the root, without links
	staged string // in the root
	host   string // in the host's terms
	items  []journal.Item
	modes  []dirMode
}

type dirMode struct {
	host string
	item *item
}

type inode struct{ dev, ino uint64 }

type source struct {
	staged string // in the host's terms
	mtime  int64
}

type ownerLine struct {
	path  string
	owner Owner
}

func newPlacer(j *job, old *instance) *placer {
	return &placer{job: j, old: old, dirs: map[string]place{"/": {real: "/"}}, links: make(map[inode]source), taken: make(map[string]bool)}
}

// image stages all items.
func (p *placer) image(ctx context.Context, items []*item, use Use) error {
	for _, i := range items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.item(i, use); err != nil {
			return fmt.Errorf("stage %s: %w", i.path, err)
		}
		p.owners = append(p.owners, ownerLine{i.path, i.owner})
	}
	for _, g := range p.grafts {
		if err := p.finishGraft(g); err != nil {
			return err
		}
	}
	return nil
}

func (p *placer) item(i *item, use Use) error {
	parent, ok := p.dirs[path.Dir(i.path)]
	if !ok {
		return errors.New("internal error: no folder")
	}
	real := path.Join(parent.real, path.Base(i.path))
	if p.taken[real] && !i.dir() {
		// Two paths of the image are one here (usr merged): they are the same file.
		return p.recordTwice(i)
	}
	p.taken[real] = true
	if parent.graft != nil {
		return p.grow(i, parent.graft, real, use)
	}
	live, err := p.stat(real)
	if err != nil {
		return err
	}
	switch {
	case i.dir():
		return p.folder(i, real, live)
	case i.regular() || i.link():
		return p.file(i, real, live, use)
	}
	return p.special(i, real, live)
}

// recordTwice notes a file that another path of the image has put in place.
func (p *placer) recordTwice(i *item) error {
	c := vdb.Content{Kind: i.contentKind(), Path: i.path, Target: i.target, MTime: seconds(i.st.Mtim.Nano())}
	if i.regular() {
		var err error
		if c.MD5, err = p.digestItem(i); err != nil {
			return err
		}
	}
	p.record(c, Same)
	return nil
}

// folder places a folder: an existing one, or a link to one, is kept.
func (p *placer) folder(i *item, real string, live *unix.Stat_t) error {
	c := vdb.Content{Kind: vdb.KindDir, Path: i.path}
	if live != nil {
		if kindOf(live) == unix.S_IFDIR {
			p.record(c, Left)
			p.dirs[i.path] = place{real: real}
			return nil
		}
		if kindOf(live) == unix.S_IFLNK && p.fs.IsDir(real) {
			p.record(c, Left)
			target, err := p.fs.Real(real)
			if err != nil {
				return err
			}
			p.dirs[i.path] = place{real: target}
			p.taken[target] = true
			return nil
		}
		backup, err := p.backupName(real)
		if err != nil {
			return err
		}
		p.result.note("%s is in the way of a folder and is renamed to %s", real, backup)
		p.txn.Add(journal.Step{Op: journal.OpRemove, Part: journal.PartFiles, Path: real, Old: backup})
	}
	p.record(c, Changed)
	staged, err := p.txn.Staged(path.Dir(real))
	if err != nil {
		return err
	}
	host, err := p.host(staged)
	if err != nil {
		return err
	}
	g := &graft{path: real, staged: staged, host: host, items: []journal.Item{}}
	p.grafts = append(p.grafts, g)
	return p.growDir(i, g, real, host)
}

func (p *placer) growDir(i *item, g *graft, real, host string) error {
	if err := os.Mkdir(host, 0o700); err != nil {
		return err
	}
	g.modes = append(g.modes, dirMode{host, i})
	p.dirs[i.path] = place{real, g}
	return nil
}

// grow adds a file to a staged tree.
func (p *placer) grow(i *item, g *graft, real string, use Use) error {
	name := strings.TrimPrefix(real, g.path+"/")
	host := path.Join(g.host, name)
	g.items = append(g.items, journal.Item{Name: name, Dir: i.dir()})
	if i.dir() {
		p.record(vdb.Content{Kind: vdb.KindDir, Path: i.path}, Changed)
		return p.growDir(i, g, real, host)
	}
	c, err := p.stage(i, host, use)
	if errors.Is(err, errRecorded) {
		g.items = g.items[:len(g.items)-1]
		err = nil
	}
	p.record(c, Changed)
	return err
}

// finishGraft gives the folders of a tree what they shall have, deepest first, and
// plans its step.
func (p *placer) finishGraft(g *graft) error {
	for _, d := range slices.Backward(g.modes) {
		if err := p.dress(d.host, d.item); err != nil {
			return err
		}
	}
	p.txn.Add(journal.Step{Op: journal.OpPlace, Part: journal.PartFiles, Path: g.path, New: g.staged, Tree: g.items})
	return nil
}

// dress gives a staged file owner, mode and attributes of the image's.
func (p *placer) dress(host string, i *item) error {
	if p.Ownership == Apply {
		if err := os.Lchown(host, i.owner.UID, i.owner.GID); err != nil {
			return err
		}
	}
	if i.link() {
		return nil
	}
	if err := os.Chmod(host, fileMode(i.owner.Mode)); err != nil {
		return err
	}
	err := filecopy.Attributes(host, i.src, p.XattrExclude)
	if err != nil && p.Ownership == Record {
		p.result.note("%s: attributes are left out: %v", i.path, err)
		return nil
	}
	return err
}

// fileMode translates mode bits for os.Chmod.
func fileMode(mode uint32) fs.FileMode {
	m := fs.FileMode(mode & 0o777)
	for bit, flag := range map[uint32]fs.FileMode{unix.S_ISUID: fs.ModeSetuid, unix.S_ISGID: fs.ModeSetgid, unix.S_ISVTX: fs.ModeSticky} {
		if mode&bit != 0 {
			m |= flag
		}
	}
	return m
}

// file places a regular file or a link where the folder exists.
func (p *placer) file(i *item, real string, live *unix.Stat_t, use Use) error {
	digest := hexMD5(i.target)
	if i.regular() {
		var err error
		if digest, err = p.digestItem(i); err != nil {
			return err
		}
	}
	verdict := confprotect.Install
	if p.protect.Protected(real) && !(i.regular() && i.st.Size == 0 && strings.HasPrefix(path.Base(real), ".keep")) {
		var err error
		if verdict, err = p.decide(i, real, live, digest); err != nil {
			return err
		}
	}
	c := vdb.Content{Kind: i.contentKind(), Path: i.path, Target: i.target, MTime: seconds(i.st.Mtim.Nano())}
	if i.regular() {
		c.MD5 = digest
	}
	switch verdict {
	case confprotect.Skip:
		p.record(c, Left)
		return nil
	case confprotect.Offer:
		return p.offer(i, real, digest, c, use)
	}
	if live != nil && kindOf(live) == unix.S_IFDIR {
		backup, err := p.backupName(real)
		if err != nil {
			return err
		}
		p.result.note("a folder is in the way of %s, which is merged as %s", real, backup)
		c.Path = path.Join(path.Dir(c.Path), path.Base(backup))
		real, live = backup, nil
	}
	return p.put(i, real, live, digest, c, use)
}

// put stages a file and plans its step. One that is the same already gets new times
// only.
func (p *placer) put(i *item, real string, live *unix.Stat_t, digest string, c vdb.Content, use Use) error {
	same, err := p.unchanged(i, real, live, digest)
	if err != nil {
		return err
	}
	if same {
		p.recordAs(c, Same, real)
		if live.Mtim.Nano() != i.st.Mtim.Nano() {
			p.txn.Add(journal.Step{Op: journal.OpTimes, Part: journal.PartFiles, Path: real, NS: i.st.Mtim.Nano(), OldNS: live.Mtim.Nano()})
		}
		return nil
	}
	staged, err := p.txn.Staged(path.Dir(real))
	if err != nil {
		return err
	}
	host, err := p.host(staged)
	if err != nil {
		return err
	}
	made, err := p.stage(i, host, use)
	if err != nil {
		return err
	}
	c.MTime = made.MTime
	p.recordAs(c, Changed, real)
	return p.planPlace(real, staged, live)
}

// planPlace plans that a staged file gets into place, and that the one there is kept.
func (j *job) planPlace(real, staged string, live *unix.Stat_t) error {
	step := journal.Step{Op: journal.OpPlace, Part: journal.PartFiles, Path: real, New: staged}
	if live != nil {
		var err error
		if step.Old, err = j.txn.Saved(path.Dir(real)); err != nil {
			return err
		}
		step.Mode = grantingMode(live)
		j.txn.Add(journal.Step{Op: journal.OpSave, Part: journal.PartFiles, Path: real, Old: step.Old})
	}
	j.txn.Add(step)
	return nil
}

// unchanged says if a regular file is there with the same mode, attributes and
// content. Owners are not looked at, as in Portage.
func (p *placer) unchanged(i *item, real string, live *unix.Stat_t, digest string) (bool, error) {
	if !i.regular() || live == nil || kindOf(live) != unix.S_IFREG || live.Size != i.st.Size || live.Mode != i.owner.Mode {
		return false, nil
	}
	host, err := p.host(real)
	if err != nil {
		return false, err
	}
	if p.feature("xattr") {
		same, err := p.sameAttributes(i.src, host)
		if !same || err != nil {
			return false, err
		}
	}
	mine, err := p.digestHost(host)
	return mine == digest, err
}

func (p *placer) sameAttributes(a, b string) (bool, error) {
	list := func(file string) ([]string, error) {
		names, err := filecopy.Names(file)
		if err != nil {
			return nil, err
		}
		var out []string
		for _, n := range names {
			if filecopy.Excluded(n, p.XattrExclude) {
				continue
			}
			value, err := filecopy.Value(file, n)
			if err != nil {
				return nil, err
			}
			out = append(out, n+"="+string(value))
		}
		slices.Sort(out)
		return out, nil
	}
	first, err := list(a)
	if err != nil {
		return false, err
	}
	second, err := list(b)
	return slices.Equal(first, second), err
}

// special places a device node or named pipe; where anything is, it is left.
func (p *placer) special(i *item, real string, live *unix.Stat_t) error {
	c := vdb.Content{Kind: i.contentKind(), Path: i.path}
	if live != nil {
		p.record(c, Blocked)
		return nil
	}
	p.record(c, Changed)
	staged, err := p.txn.Staged(path.Dir(real))
	if err != nil {
		return err
	}
	host, err := p.host(staged)
	if err != nil {
		return err
	}
	if _, err := p.stage(i, host, Keep); err != nil {
		if errors.Is(err, errRecorded) {
			return nil
		}
		return err
	}
	return p.planPlace(real, staged, nil)
}

// errRecorded says that a file cannot be made here and is only recorded.
var errRecorded = errors.New("recorded only")

// stage makes the file that will be put in place, with all it shall have.
func (p *placer) stage(i *item, host string, use Use) (vdb.Content, error) {
	c := vdb.Content{Kind: i.contentKind(), Path: i.path, Target: i.target, MTime: seconds(i.st.Mtim.Nano())}
	var err error
	switch i.kind() {
	case unix.S_IFREG:
		return p.stageFile(i, host, use, c)
	case unix.S_IFLNK:
		if err = os.Symlink(i.target, host); err == nil {
			err = p.dress(host, i)
		}
	default:
		err = unix.Mknod(host, i.owner.Mode, int(i.owner.Dev))
		if errors.Is(err, unix.EPERM) && p.Ownership == Record {
			return c, errRecorded
		}
		if err == nil {
			err = p.dress(host, i)
		}
	}
	if err != nil {
		return c, err
	}
	return c, setTime(host, i.st.Mtim.Nano())
}

// stageFile stages a regular file: a further name of one staged before, the image's
// own file, or a copy.
func (p *placer) stageFile(i *item, host string, use Use, c vdb.Content) (vdb.Content, error) {
	var err error
	if c.MD5, err = p.digestItem(i); err != nil {
		return c, err
	}
	key := inode{i.st.Dev, i.st.Ino}
	if i.st.Nlink > 1 {
		if first, ok := p.links[key]; ok && os.Link(first.staged, host) == nil {
			c.MTime = seconds(first.mtime)
			return c, nil
		}
		defer func() { p.links[key] = source{host, i.st.Mtim.Nano()} }()
	}
	if use == Consume && i.owner == (Owner{int(i.st.Uid), int(i.st.Gid), i.st.Mode, i.st.Rdev}) && os.Link(i.src, host) == nil {
		return c, nil
	}
	if err := copyTo(host, i.src); err != nil {
		return c, err
	}
	if err := p.dress(host, i); err != nil {
		return c, err
	}
	return c, setTime(host, i.st.Mtim.Nano())
}

func copyTo(host, src string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(host, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := filecopy.Content(out, in); err != nil {
		out.Close() // the other error is told
		return fmt.Errorf("copy %s: %w", src, err)
	}
	return out.Close()
}

func setTime(host string, ns int64) error {
	ts := unix.NsecToTimespec(ns)
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, host, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return &fs.PathError{Op: "set time of", Path: host, Err: err}
	}
	return nil
}

// seconds rounds nanoseconds down.
func seconds(ns int64) int64 {
	s := ns / 1e9
	if ns%1e9 < 0 {
		s--
	}
	return s
}

func hexMD5(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// digestItem gives the MD5 of a file of the image.
func (p *placer) digestItem(i *item) (string, error) {
	var err error
	if i.md5 == "" {
		i.md5, err = p.digestHost(i.src)
	}
	return i.md5, err
}

// digestHost gives the MD5 of a regular file.
func (p *placer) digestHost(name string) (string, error) {
	if p.buffer == nil {
		p.buffer = make([]byte, 256<<10)
	}
	return digest(name, p.buffer)
}

func digest(name string, buffer []byte) (string, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := md5.New()
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, buffer); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// backupName gives the first free name "<path>.backup.<n>".
func (p *placer) backupName(real string) (string, error) {
	for n := 0; ; n++ {
		name := fmt.Sprintf("%s.backup.%04d", real, n)
		st, err := p.stat(name)
		if err != nil {
			return "", err
		}
		if st == nil && !p.taken[name] {
			p.taken[name] = true
			return name, nil
		}
	}
}
