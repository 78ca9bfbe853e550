package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// usrMerged makes an empty root with the links of a merged usr.
func usrMerged(root string) error {
	if err := os.RemoveAll(root); err != nil {
		return err
	}
	for _, dir := range []string{"bin", "sbin", "lib", "lib64"} {
		if err := os.MkdirAll(filepath.Join(root, "usr", dir), 0o755); err != nil {
			return err
		}
		if err := os.Symlink("usr/"+dir, filepath.Join(root, dir)); err != nil {
			return err
		}
	}
	return nil
}

// configRoot makes a configuration root of its own from the board's, without ROOT.
func (p *play) configRoot() error {
	from, to := p.bed.path(board, "etc/portage"), p.bed.path("image/configroot/etc/portage")
	if err := os.RemoveAll(filepath.Dir(filepath.Dir(to))); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	for _, link := range []string{"make.profile", "patches"} { // they lead out of the folder
		target, err := os.Readlink(filepath.Join(from, link))
		if err != nil {
			return err
		}
		if err := os.RemoveAll(filepath.Join(to, link)); err != nil {
			return err
		}
		if err := os.Symlink(target, filepath.Join(to, link)); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(filepath.Join(to, "make.conf"))
	if err != nil {
		return err
	}
	lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(l string) bool { return strings.HasPrefix(l, "ROOT=") })
	return os.WriteFile(filepath.Join(to, "make.conf"), []byte(strings.Join(lines, "")), 0o644)
}

// imageVars are the variables that build_image sets.
func imageVars(root string) []string {
	return []string{"SYSROOT=/build/" + board, "ROOT=" + root, "FEATURES=-ebuild-locks -merge-wait", "PORTAGE_CONFIGROOT=/build/image/configroot"}
}

// image makes an image root from binary packages alone, all at once as recorded, then
// as build_image does it: first one package without its dependencies.
func (p *play) image(ctx context.Context) error {
	if err := p.configRoot(); err != nil {
		return err
	}
	if err := usrMerged(p.bed.path("image/rootfs")); err != nil {
		return err
	}
	emerge := func(root string, args ...string) (*result, error) {
		args = slices.Concat([]string{"tumpline", "emerge", "--usepkgonly", "--binpkg-respect-use=y", "--jobs=2", "--verbose", "--oneshot", "--color=n"}, args)
		return p.bed.run(ctx, imageVars(root), args...)
	}
	r, err := emerge("/build/image/rootfs", p.record.Wanted...)
	if err != nil {
		return err
	}
	c := &check{name: "image root from binary packages alone"}
	p.ended(c, r)
	c.lists("", p.record.Image.Merges, planned(r.out, map[string]string{"/build/image/rootfs": "${IMAGE_ROOT}"}))
	p.report.add(c)
	p.time("image", r)
	p.imageTime = r
	if err := p.imageState("image", "image/rootfs"); err != nil {
		return err
	}
	if err := usrMerged(p.bed.path("image/second")); err != nil {
		return err
	}
	first, err := emerge("/build/image/second", "--nodeps", "=app-arch/bzip2-1.0.8-r5")
	if err != nil {
		return err
	}
	rest, err := emerge("/build/image/second", p.record.Wanted...)
	if err != nil {
		return err
	}
	c = &check{name: "image root, one package first with --nodeps"}
	p.ended(c, first)
	p.ended(c, rest)
	p.report.add(c)
	return p.imageState("second image", "image/second")
}

// imageState compares an image root.
func (p *play) imageState(name, dir string) error {
	root := p.bed.path(dir)
	if err := p.state(name, root, p.record.Image.VDB, p.record.Image.Passwd, p.record.Image.Group); err != nil {
		return err
	}
	got, err := tree(root)
	if err != nil {
		return err
	}
	c := &check{name: name + ": files"}
	want, have := slices.Clone(p.record.Image.Files), slices.Clone(got)
	for _, list := range [][]string{want, have} {
		for i, line := range list {
			if strings.Contains(line, "/lzop") || strings.Contains(line, ".build-id/") {
				list[i] = names("app-arch/lzop-1.04-r1", line) // the id is another each time
			}
		}
	}
	c.sets("", want, have)
	p.report.add(c)
	return nil
}

// sysext merges a package onto an overlay of an image root, as build_sysext does:
// only what is of the package may change.
func (p *play) sysext(ctx context.Context) error {
	dir := p.bed.path("sysext")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for _, name := range []string{"lower", "upper", "work", "root"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			return err
		}
	}
	emerge := "tumpline emerge --root=/build/sysext/%s --config-root=/build/" + board + " --sysroot=/build/" + board +
		" --usepkgonly --binpkg-respect-use=y --verbose --jobs=2 --oneshot --color=n %s"
	if err := usrMerged(filepath.Join(dir, "lower")); err != nil {
		return err
	}
	script := strings.Join([]string{
		"set -e", fmt.Sprintf(emerge, "lower", "=sys-apps/attr-2.5.2-r1"),
		"cd /build/sysext", "mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work root",
		fmt.Sprintf(emerge, "root", "=sys-apps/acl-2.3.2-r3"),
		"umount root",
	}, "\n")
	r, err := p.bed.run(ctx, nil, "bash", "-c", script)
	if err != nil {
		return err
	}
	c := &check{name: "a package onto an overlay"}
	p.ended(c, r)
	var want []string
	for _, line := range p.record.packages["sys-apps/acl-2.3.2-r3"].Contents {
		fields := strings.Fields(line)
		want = append(want, "/usr"+strings.TrimPrefix(fields[1], "/usr"))
	}
	upper, err := tree(filepath.Join(dir, "upper"))
	if err != nil {
		return err
	}
	for _, line := range upper {
		name := "/" + strings.Fields(line)[0]
		problem := ""
		if strings.HasPrefix(name, "/usr/") && !slices.Contains(want, name) {
			problem = "changed, though not of the package: " + name
		}
		c.expect(problem)
	}
	for _, name := range want {
		_, err := os.Lstat(filepath.Join(dir, "upper", name))
		problem := ""
		if err != nil {
			problem = err.Error()
		}
		c.expect(problem)
	}
	p.report.add(c)
	return nil
}
