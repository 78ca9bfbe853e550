package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const lzop = "app-arch/lzop-1.04-r1"

// unmerge removes a package.
func (p *play) unmerge(ctx context.Context) error {
	before := p.snapshot()
	r, err := p.bed.emerge(ctx, "-C", "--color=n", "app-arch/lzop")
	if err != nil {
		return err
	}
	c := &check{name: "unmerge"}
	p.ended(c, r)
	root := p.bed.path(board)
	var left []string
	for _, dir := range []string{"usr/bin", "usr/lib/debug"} {
		list, err := tree(filepath.Join(root, dir))
		if err != nil {
			return err
		}
		for _, line := range list {
			if name := strings.Fields(line)[0]; strings.Contains(filepath.Base(name), "lzo") {
				left = append(left, dir+"/"+name)
			}
		}
	}
	c.sets("", p.record.Unmerge.Left, left)
	_, err = os.Stat(filepath.Join(root, "var/db/pkg", lzop))
	if c.expect(""); err == nil {
		c.expect("the entry is still there")
	}
	for name := range before {
		problem := ""
		if _, err := os.Lstat(filepath.Join(root, name)); err == nil {
			problem = "still there: " + name
		}
		c.expect(problem)
	}
	world, err := os.ReadFile(filepath.Join(root, "var/lib/portage/world"))
	if err != nil {
		return err
	}
	c.sets("world: ", slices.DeleteFunc(slices.Clone(p.record.Build.World), func(a string) bool { return a == "app-arch/lzop" }), strings.Fields(string(world)))
	p.report.add(c)
	p.time("unmerge", r)
	return nil
}

// snapshot gives the files of lzop, and what they are.
func (p *play) snapshot() map[string]string {
	out := make(map[string]string)
	text, err := os.ReadFile(p.bed.path(board, "var/db/pkg", lzop, "CONTENTS"))
	if err != nil {
		return out // told before
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); fields[0] != "dir" {
			out[fields[1]] = inspect(p.bed.path(board), fields[1]).String()
		}
	}
	return out
}

// reinstall puts it back from its binary package.
func (p *play) reinstall(ctx context.Context) error {
	r, err := p.bed.emerge(ctx, "-v", "--usepkg", "--oneshot", "--color=n", "="+lzop)
	if err != nil {
		return err
	}
	c := &check{name: "put back from its binary package"}
	p.ended(c, r)
	c.lists("", p.record.UsePkg.Merges, planned(r.out, onBoard()))
	root := p.bed.path(board)
	one := p.record.packages[lzop]
	entry(c, one, filepath.Join(root, "var/db/pkg", lzop))
	contents(c, one, root)
	modes(c, one, root)
	p.report.add(c)
	p.time("usepkg", r)
	return nil
}

// programs runs what was built.
func (p *play) programs(ctx context.Context) error {
	c := &check{name: "programs run under qemu"}
	script := `b=/build/` + board + `; q="qemu-aarch64-static -L $b -E LD_LIBRARY_PATH=$b/usr/lib64"
set -e -o pipefail
$q $b/usr/bin/lz4 --version
echo hello | $q $b/usr/bin/lzop -c | $q $b/usr/bin/lzop -dc`
	r, err := p.bed.run(ctx, nil, "bash", "-c", script)
	if err != nil {
		return err
	}
	p.ended(c, r)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	c.equal("what lzop made of its own output", "hello", lines[len(lines)-1])
	problem := ""
	if !strings.Contains(r.out, "v1.10.0") {
		problem = "lz4 does not tell its version: " + lines[0]
	}
	c.expect(problem)
	p.report.add(c)
	return nil
}
