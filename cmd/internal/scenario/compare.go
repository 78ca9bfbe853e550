package main

import (
	"archive/tar"
	"compress/bzip2"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/vdb"
)

// varying says that a program comes out different each time it is built, and with it
// the name of its debug information.
func varying(cpv string) bool { return cpv == "app-arch/lzop-1.04-r1" }

var buildID = regexp.MustCompile(`\.build-id/[0-9a-f]{2}(/[0-9a-f]+)?`)

// names makes names comparable.
func names(cpv, line string) string {
	if varying(cpv) {
		return buildID.ReplaceAllStringFunc(line, func(s string) string { return fmt.Sprintf(".build-id/?%d", strings.Count(s, "/")) })
	}
	return line
}

func allNames(cpv string, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = names(cpv, line)
	}
	return out
}

// ownField says that the value of a variable is that of one build or merge.
func ownField(name string) bool {
	return slices.Contains([]string{"BUILD_TIME", "COUNTER", "BINPKGMD5", "environment.bz2", "CONTENTS", "metadata", "SIZE"}, name) || strings.HasSuffix(name, ".ebuild")
}

// entry compares an entry of the database with the recorded one.
func entry(c *check, p *recorded, dir string) {
	files, err := os.ReadDir(dir)
	if err != nil {
		c.expect(err.Error())
		return
	}
	var have []string
	for _, f := range files {
		have = append(have, f.Name())
	}
	c.sets(p.CPV+": file ", p.Files, have)
	for _, name := range have {
		want, ok := p.Fields[name]
		if !ok || ownField(name) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			c.expect(err.Error())
			continue
		}
		got := string(text)
		switch name {
		case "NEEDED", "NEEDED.ELF.2":
			want, got = sorted(want), sorted(got)
		case "FEATURES": // some packages of the record were merged by ebuild, which switches some off
			want, got = without(want), without(got)
		}
		c.equal(p.CPV+": "+name, want, got)
	}
	metadata(c, p, dir)
}

func sorted(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func without(features string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(features), func(f string) bool { return f == "merge-wait" || f == "noauto" }), " ")
}

// metadata compares the file metadata, which holds other fields and a stamp.
func metadata(c *check, p *recorded, dir string) {
	text, err := os.ReadFile(filepath.Join(dir, "metadata"))
	if err != nil {
		return // told: the file is missing
	}
	plain := func(text string) string {
		return regexp.MustCompile(`(?m)^(BUILD_TIME|COUNTER|#dir_mtime)=\d+$`).ReplaceAllString(text, "$1")
	}
	c.equal(p.CPV+": metadata", plain(p.Fields["metadata"]), plain(string(text)))
	info, err := os.Stat(dir)
	if err != nil {
		c.expect(err.Error())
		return
	}
	problem := ""
	if !strings.HasSuffix(string(text), fmt.Sprintf("\n#dir_mtime=%d\n", info.ModTime().UnixNano())) {
		problem = p.CPV + ": the stamp of metadata is not the folder's time"
	}
	c.expect(problem)
}

// contents compares CONTENTS without times, as a set, and the sums with the files.
func contents(c *check, p *recorded, root string) {
	file := filepath.Join(root, "var/db/pkg", p.CPV, "CONTENTS")
	text, err := os.ReadFile(file)
	if err != nil {
		c.expect(err.Error())
		return
	}
	list, problems := vdb.ParseContents(file, text)
	for _, err := range problems {
		c.expect(err.Error())
	}
	var got []string
	for _, l := range list {
		line := l.Kind.String() + " " + l.Path
		if l.Kind == vdb.KindSymlink {
			line += " -> " + l.Target
		}
		got = append(got, line)
	}
	c.sets(p.CPV+": ", allNames(p.CPV, p.Contents), allNames(p.CPV, got))
}

// modes compares the files of a package as they are on disk.
func modes(c *check, p *recorded, root string) {
	var want, got []string
	for _, i := range p.Installed {
		want = append(want, i.String())
		if varying(p.CPV) && strings.Contains(i.Path, ".build-id/") {
			got = append(got, i.String()) // another name
			continue
		}
		got = append(got, inspect(root, i.Path).String())
	}
	c.sets(p.CPV+": ", want, got)
}

func (i installed) String() string {
	out := fmt.Sprintf("%s %s %s %d:%d", i.Path, i.Type, i.Mode, i.UID, i.GID)
	if i.Target != "" {
		out += " -> " + i.Target
	}
	if i.ELF != nil {
		out += fmt.Sprintf(" %d %s %s", i.ELF.Class, i.ELF.Type, i.ELF.Machine)
	}
	return out
}

// inspect looks at a file below a root.
func inspect(root, path string) installed {
	out := installed{Path: path, Type: "none"}
	name := filepath.Join(root, path)
	var st unix.Stat_t
	if err := unix.Lstat(name, &st); err != nil {
		return out
	}
	out.Mode, out.UID, out.GID = fmt.Sprintf("%04o", st.Mode&0o7777), st.Uid, st.Gid
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		out.Type = "dir"
	case unix.S_IFREG:
		out.Type = "file"
		if f, err := elf.Open(name); err == nil {
			defer f.Close()
			out.ELF = &elfKind{Class: map[elf.Class]int{elf.ELFCLASS32: 32, elf.ELFCLASS64: 64}[f.Class], Type: strings.TrimPrefix(f.Type.String(), "ET_"),
				Machine: strings.ToLower(strings.TrimPrefix(f.Machine.String(), "EM_"))}
		}
	case unix.S_IFLNK:
		out.Type, out.Mode = "symlink", "" // as the record has it
		out.Target, _ = os.Readlink(name)  // "" differs from what is recorded
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			out.Type = "dir" // the record says so of links to folders
		}
	}
	return out
}

// tree lists what is below a folder, but for var, one line for each file.
func tree(root string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel := strings.TrimPrefix(path, root+"/")
		if filepath.Dir(rel) == "var" {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		kind, target := "f", ""
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFDIR:
			kind = "d"
		case unix.S_IFLNK:
			kind = "l"
			target, err = os.Readlink(path)
		case unix.S_IFREG:
		default:
			kind = "?"
		}
		out = append(out, fmt.Sprintf("%s %s %s %d:%d %s", rel, kind, strconv.FormatUint(uint64(st.Mode&0o7777), 8), st.Uid, st.Gid, target))
		return err
	})
	slices.Sort(out)
	return out, err
}

var (
	ownTimes = regexp.MustCompile(`(?m)^(TIMESTAMP|BUILD_TIME|MD5|SHA1|SIZE|MTIME): .*$`)
	places   = regexp.MustCompile(`(?m)^(PROFILE: ).*/third_party(/.*)$`)
)

// indexBlocks gives the blocks of an index of packages, without what belongs to one
// run.
func indexBlocks(text string) []string {
	text = ownTimes.ReplaceAllString(text, "$1")
	text = places.ReplaceAllString(text, "${1}$${TREES}$2")
	return strings.Split(strings.TrimSpace(text), "\n\n")
}

// tarMembers lists what is in the tar of a binary package, in the form of the record.
func tarMembers(file string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	for r := tar.NewReader(bzip2.NewReader(f)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		kind, target := "f", ""
		switch h.Typeflag {
		case tar.TypeDir:
			kind = "d"
		case tar.TypeSymlink, tar.TypeLink:
			kind, target = "l", " "+h.Linkname
		}
		owner := fmt.Sprintf("%d:%d", h.Uid, h.Gid) // our tars have no names
		out = append(out, fmt.Sprintf("%s %s %04o %s%s", strings.TrimSuffix(h.Name, "/"), kind, h.Mode&0o7777, strings.ReplaceAll(owner, "0:0", "root:root"), target))
	}
}
