package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// beside has real Portage do its part with what was made: it makes an image root of
// the binary packages (and is timed at that), reads the board's database, and unmerges
// a package there; then a package goes from the image that Portage made.
func (p *play) beside(ctx context.Context) error {
	if p.portage == "" {
		p.report.say("real Portage: left out, PORTAGE_SRC names no checkout of gentoo/portage")
		return nil
	}
	if err := p.portageImage(ctx); err != nil {
		return err
	}
	if err := p.portageReads(ctx); err != nil {
		return err
	}
	if err := p.portageUnmerges(ctx); err != nil {
		return err
	}
	c := &check{name: "a package goes from Portage's image"}
	r, err := p.bed.run(ctx, imageVars("/build/image/third"), "tumpline", "emerge", "-C", "--color=n", "app-arch/lzop")
	if err != nil {
		return err
	}
	p.ended(c, r)
	c.expect(p.present("image/third/var/db/pkg/" + lzop))
	c.expect(p.present("image/third/usr/bin/lzop"))
	p.report.add(c)
	return nil
}

// present says that a path below /build is there, which should not be.
func (p *play) present(path string) string {
	if _, err := os.Lstat(p.bed.path(path)); err == nil {
		return "still there: " + path
	}
	return ""
}

func (p *play) portageImage(ctx context.Context) error {
	if err := usrMerged(p.bed.path("image/third")); err != nil {
		return err
	}
	args := slices.Concat([]string{"emerge", "--usepkgonly", "--binpkg-respect-use=y", "--jobs=2", "--verbose", "--oneshot", "--color=n"}, p.record.Wanted)
	r, err := p.bed.run(ctx, append(imageVars("/build/image/third"), "PORTAGE_SRC="+p.portage), args...)
	if err != nil {
		return err
	}
	c := &check{name: "Portage installs our binary packages"}
	p.ended(c, r)
	p.report.add(c)
	p.report.say("%-44s %.1f s, CPU %.1f s; ours is %.1f times as fast (CPU %.1f)", "time of image, Portage beside", r.wall, r.user+r.sys,
		r.wall/p.imageTime.wall, (r.user+r.sys)/(p.imageTime.user+p.imageTime.sys))
	return p.imageState("image by Portage", "image/third")
}

// portageReads compares what Portage says of the board's packages with their entries.
func (p *play) portageReads(ctx context.Context) error {
	c := &check{name: "Portage reads our database"}
	root := "/build/" + board
	for _, cpv := range p.record.Build.VDB {
		fields := []string{"SLOT", "EAPI", "USE", "RDEPEND", "repository", "DEFINED_PHASES"}
		r, err := p.bed.run(ctx, []string{"PORTAGE_SRC=" + p.portage}, slices.Concat([]string{"portageq-" + board, "metadata", root, "installed", cpv}, fields)...)
		if err != nil {
			return err
		}
		p.ended(c, r)
		lines := strings.Split(r.out, "\n")
		for i, name := range fields {
			text, err := os.ReadFile(filepath.Join(p.bed.path(board), "var/db/pkg", cpv, name))
			if err != nil && !os.IsNotExist(err) {
				return err
			}
			got := ""
			if n := len(lines) - 1 - len(fields) + i; n >= 0 {
				got = lines[n]
			}
			c.equal(cpv+": "+name, strings.TrimSpace(string(text)), got)
		}
	}
	p.report.add(c)
	return nil
}

func (p *play) portageUnmerges(ctx context.Context) error {
	before := p.snapshot()
	r, err := p.bed.run(ctx, []string{"PORTAGE_SRC=" + p.portage, "CLEAN_DELAY=0"}, "emerge-"+board, "-C", "--color=n", "app-arch/lzop")
	if err != nil {
		return err
	}
	c := &check{name: "Portage unmerges what we merged"}
	p.ended(c, r)
	for name := range before {
		c.expect(p.present(filepath.Join(board, name)))
	}
	c.expect(p.present(filepath.Join(board, "var/db/pkg", lzop)))
	if r, err = p.bed.emerge(ctx, "--usepkg", "--oneshot", "="+lzop); err != nil { // for whoever keeps the board
		return err
	}
	p.ended(c, r)
	p.report.add(c)
	return nil
}
