package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

// A play plays the scenario.
type play struct {
	*options
	record *record
	bed    *bed
	report *report

	imageTime *result // of making the image
}

func (p *play) run(ctx context.Context) error {
	if err := p.bed.make(ctx, p.record.Build.VDB); err != nil {
		return err
	}
	steps := []func(context.Context) error{p.pretend, p.build, p.board, p.index, p.image, p.sysext, p.unmerge, p.reinstall, p.programs, p.beside}
	if p.keep {
		steps = slices.Delete(steps, 0, 2)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// ended checks that a command ended well; if not its last lines are told.
func (p *play) ended(c *check, r *result) {
	problem := ""
	if r.status != 0 {
		lines := strings.Split(strings.TrimSpace(r.out), "\n")
		problem = fmt.Sprintf("exit status %d: %s", r.status, strings.Join(lines[max(0, len(lines)-8):], " | "))
	}
	c.expect(problem)
}

// steps are the lines of a plan.
func planned(out string, places map[string]string) []string {
	var list []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "[ebuild") || strings.HasPrefix(line, "[binary") {
			line = strings.TrimSpace(line)
			for path, name := range places {
				line = strings.ReplaceAll(line, path, name)
			}
			list = append(list, line)
		}
	}
	return list
}

func onBoard() map[string]string { return map[string]string{"/build/" + board: "${BOARD_ROOT}"} }

// pretend resolves.
func (p *play) pretend(ctx context.Context) error {
	r, err := p.bed.emerge(ctx, append([]string{"-pv", "--color=n"}, p.record.Wanted...)...)
	if err != nil {
		return err
	}
	c := &check{name: "plan for an empty board"}
	p.ended(c, r)
	c.lists("", p.record.Pretend, planned(r.out, onBoard()))
	p.report.add(c)
	return nil
}

var emerging = regexp.MustCompile(`(?m)^>>> Emerging (?:binary )?\(\d+ of \d+\) (\S+)`)

// build builds and merges.
func (p *play) build(ctx context.Context) error {
	r, err := p.bed.emerge(ctx, append([]string{"-v", "--select", "--jobs=1", "--quiet-build", "--color=n"}, p.record.Wanted...)...)
	if err != nil {
		return err
	}
	c := &check{name: "build and merge"}
	p.ended(c, r)
	var order []string
	for _, m := range emerging.FindAllStringSubmatch(r.out, -1) {
		order = append(order, m[1])
	}
	c.lists("", p.record.Build.Order, order)
	p.report.add(c)
	p.time("build", r)
	return nil
}

// time tells what a command took, beside what Portage once took elsewhere.
func (p *play) time(name string, r *result) {
	theirs := p.record.Times[name]
	p.report.say("%-44s %.1f s, CPU %.1f s (recorded of Portage: %.1f s, CPU %.1f s)", "time of "+name, r.wall, r.user+r.sys, theirs.Wall, theirs.User+theirs.Sys)
}

// board compares the root that was made.
func (p *play) board(ctx context.Context) error {
	root := p.bed.path(board)
	if err := p.state("board", root, p.record.Build.VDB, p.record.Build.Passwd, p.record.Build.Group); err != nil {
		return err
	}
	if err := p.world(root); err != nil {
		return err
	}
	entries, files, kinds := &check{name: "board: entries of the database"}, &check{name: "board: CONTENTS"}, &check{name: "board: modes, owners, links, ELF"}
	for _, cpv := range p.record.Build.VDB {
		one := p.record.packages[cpv]
		entry(entries, one, filepath.Join(root, "var/db/pkg", cpv))
		contents(files, one, root)
		modes(kinds, one, root)
	}
	p.report.add(entries)
	p.report.add(files)
	p.report.add(kinds)
	return nil
}

// world compares the world file, from which the board of an earlier run has lost lzop.
func (p *play) world(root string) error {
	want := slices.Clone(p.record.Build.World)
	if p.keep {
		want = slices.DeleteFunc(want, func(a string) bool { return a == "app-arch/lzop" })
	}
	text, err := os.ReadFile(filepath.Join(root, "var/lib/portage/world"))
	if err != nil {
		return err
	}
	c := &check{name: "board: world"}
	c.equal("world", strings.Join(want, "\n")+"\n", string(text))
	p.report.add(c)
	return nil
}

// state compares what is installed in a root, and its users.
func (p *play) state(name, root string, want []string, passwd, group string) error {
	c := &check{name: name + ": installed packages, passwd, group"}
	got, err := filepath.Glob(filepath.Join(root, "var/db/pkg/*/*"))
	if err != nil {
		return err
	}
	for i, path := range got {
		got[i] = strings.TrimPrefix(path, filepath.Join(root, "var/db/pkg")+"/")
	}
	c.lists("", want, got)
	for file, want := range map[string]string{"etc/passwd": passwd, "etc/group": group} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			c.expect(err.Error())
			continue
		}
		c.equal(file, want, string(text))
	}
	p.report.add(c)
	return nil
}

// index compares the binary packages and their index.
func (p *play) index(context.Context) error {
	dir := p.bed.path(board, "var/lib/portage/pkgs")
	text, err := os.ReadFile(filepath.Join(dir, "Packages"))
	if err != nil {
		return err
	}
	c := &check{name: "Packages"}
	for i, got := range indexBlocks(string(text)) {
		blocks := indexBlocks(p.record.index)
		if i >= len(blocks) {
			c.expect("too much: " + got)
			continue
		}
		c.lists("", strings.Split(blocks[i], "\n"), strings.Split(got, "\n"))
	}
	p.report.add(c)
	members := &check{name: "members of binary packages"}
	for _, cpv := range p.record.Build.VDB {
		if err := p.packed(members, p.record.packages[cpv], filepath.Join(dir, cpv+".tbz2")); err != nil {
			return err
		}
	}
	p.report.add(members)
	return nil
}

// packed compares what is in a binary package.
func (p *play) packed(c *check, want *recorded, file string) error {
	files, err := xpak.ReadFile(file, nil)
	if err != nil {
		c.expect(err.Error())
		return nil
	}
	c.sets(want.CPV+": ", want.BinPkg.XPak, slices.Sorted(maps.Keys(files)))
	got, err := tarMembers(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var lines []string
	for _, m := range want.BinPkg.Tar {
		lines = append(lines, strings.Join(m, " "))
	}
	c.sets(want.CPV+": ", allNames(want.CPV, lines), allNames(want.CPV, got))
	return nil
}
