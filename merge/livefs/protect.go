package livefs

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/confprotect"
	"github.com/tumpline/tumpline/merge/vdb"
)

// decide decides about a protected file, and remembers what is to be remembered.
func (p *placer) decide(i *item, real string, live *unix.Stat_t, digest string) (confprotect.Verdict, error) {
	c := confprotect.Case{
		New:        confprotect.File{Exists: true, MD5: digest, Link: i.target},
		IfModified: p.feature("config-protect-if-modified"),
		Remembered: p.memory[i.path], Ignore: p.IgnoreMemory,
	}
	if live != nil {
		var err error
		if c.Live, err = p.liveFile(real, live); err != nil {
			return 0, err
		}
	}
	if p.old != nil {
		var record vdb.Content
		if record, c.Owned = p.old.files[real]; c.Owned {
			c.Record = confprotect.File{Exists: record.Kind == vdb.KindFile, MD5: record.MD5}
			if record.Kind == vdb.KindSymlink {
				c.Record.Link = record.Target
			}
		}
	}
	verdict, remember := confprotect.Decide(c)
	if remember && p.memory[i.path] != digest {
		p.memory[i.path] = digest
		p.remind = true
	}
	return verdict, nil
}

func (p *placer) liveFile(real string, live *unix.Stat_t) (f confprotect.File, err error) {
	f.Exists = true
	switch kindOf(live) {
	case unix.S_IFLNK:
		f.Link, err = p.fs.Readlink(real)
		f.MD5 = hexMD5(f.Link)
	case unix.S_IFREG:
		var host string
		if host, err = p.host(real); err == nil {
			f.MD5, err = p.digestHost(host)
		}
	}
	return f, err
}

// offer places the update of a protected file beside it.
func (p *placer) offer(i *item, real, digest string, c vdb.Content, use Use) error {
	dir := path.Dir(real)
	names, err := p.fs.Names(dir)
	if err != nil {
		return err
	}
	name := path.Join(dir, confprotect.NextName(path.Base(real), names, func(last string) bool {
		st, err := p.stat(path.Join(dir, last))
		if err != nil || st == nil {
			return false
		}
		f, err := p.liveFile(path.Join(dir, last), st)
		return err == nil && f.MD5 == digest && (f.Link != "") == i.link()
	}))
	live, err := p.stat(name)
	if err != nil {
		return err
	}
	p.result.Offered = append(p.result.Offered, name)
	return p.put(i, name, live, digest, c, use)
}

// fileList joins paths for a message.
func fileList(paths []string) string { return strings.Join(paths, ", ") }
