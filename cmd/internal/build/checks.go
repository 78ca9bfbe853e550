package build

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/elfscan"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/merge/qa"
)

// quoteAll makes paths fit to be shown on a line each.
func quoteAll(paths []string) []string {
	out := make([]string, 0, len(paths))
	for _, p := range paths {
		if q := strconv.Quote(p); q[1:len(q)-1] != p {
			p = q
		}
		out = append(out, "  "+p)
	}
	return out
}

// scanLog looks through the build log for signs of trouble.
func (f *finisher) scanLog() error {
	if f.LogFile == "" {
		return nil
	}
	file, err := os.Open(f.LogFile)
	if err != nil {
		return err
	}
	defer file.Close()
	var r io.Reader = file
	if strings.HasSuffix(f.LogFile, ".gz") {
		if r, err = gzip.NewReader(file); err != nil {
			return err
		}
	}
	expected := qa.Expected{}
	for name, list := range map[string]*[]string{"QA_CONFIGURE_OPTIONS": &expected.ConfigureOptions, "QA_AM_MAINTAINER_MODE": &expected.MaintainerMode} {
		text, err := os.ReadFile(filepath.Join(f.Dir.Info(), name))
		if err == nil && name == "QA_CONFIGURE_OPTIONS" {
			*list = strings.Fields(string(text))
		} else if err == nil {
			*list = slices.DeleteFunc(strings.Split(string(text), "\n"), func(l string) bool { return l == "" })
		}
	}
	found, err := qa.ScanLog(r, expected)
	if err != nil {
		f.notice(err.Error())
	}
	for _, finding := range found {
		f.notice(finding.Text, quoteAll(finding.Paths)...)
	}
	return nil
}

// objects finds the ELF files of the image, with search paths put right.
func (f *finisher) objects() ([]elfscan.Object, error) {
	objects, err := f.scan()
	if err != nil || len(objects) == 0 {
		return objects, err
	}
	forbidden := []string{string(f.Dir)}
	if root := strings.TrimRight(f.Roots.Root, "/"); root != "" {
		forbidden = append(forbidden, root)
	}
	var names []string
	for _, o := range objects {
		names = append(names, o.File)
	}
	paths := &qa.RunPaths{D: f.Dir.Image(), Forbidden: forbidden, Cut: !f.Features["stricter"]}
	found, err := paths.Clean(names)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return objects, nil
	}
	f.notice("search paths for libraries (RUNPATH) that lead to the build directory, to ROOT or nowhere", quoteAll(found)...)
	if f.Features["stricter"] {
		return nil, errors.New("search paths for libraries are insecure (FEATURES=stricter)")
	}
	return f.scan()
}

func (f *finisher) scan() ([]elfscan.Object, error) {
	objects, problems, err := elfscan.Scan(f.Dir.Image())
	for _, problem := range problems {
		f.notice(problem.Error())
	}
	return objects, err
}

// check makes our checks of the image, then those of repositories and the user.
func (f *finisher) check(ctx context.Context, p *ebuild.Package, objects []elfscan.Object) error {
	values, err := f.Dir.Saved(func(name string) bool {
		return strings.HasPrefix(name, "QA_") || strings.HasPrefix(name, "MULTILIB_STRICT_")
	})
	if err != nil {
		return err
	}
	variable := func(name string) []string {
		if v, ok := values[name]; ok {
			return v
		}
		if v := f.Variables[name]; v != "" {
			return []string{v}
		}
		return nil
	}
	o := &qa.Options{D: f.Dir.Image(), EPrefix: f.Roots.EPrefix, Arch: f.Variables["ARCH"], CHOST: f.Variables["CHOST"], Objects: objects,
		Var: variable, Stricter: f.Features["stricter"], Binaries: !slices.Contains(f.Restrict, "binchecks"), Shell: f.syntax(ctx)}
	if f.Features["multilib-strict"] {
		o.MultilibDirs = strings.Fields(strings.Join(variable("MULTILIB_STRICT_DIRS"), " "))
		o.MultilibDeny = strings.Join(variable("MULTILIB_STRICT_DENY"), " ")
	}
	found, err := qa.Check(o)
	if err != nil {
		return err
	}
	var fatal []string
	for _, finding := range found {
		f.notice(finding.Text, quoteAll(finding.Paths)...)
		if finding.Severity == qa.Fatal {
			fatal = append(fatal, fmt.Sprintf("%s: %s", finding.Check, strings.Join(strings.Fields(strings.Join(quoteAll(finding.Paths), " ")), " ")))
		}
	}
	if len(fatal) > 0 {
		return fmt.Errorf("the image must not be merged: %s", strings.Join(fatal, "; "))
	}
	return f.Check(ctx, phase.Checks{Scripts: f.scripts(p), Hooks: executables(filepath.Join(f.ConfigRoot, "etc/portage/hooks/install"))})
}

// syntax checks shell scripts with the shell of the build.
func (f *finisher) syntax(ctx context.Context) func(file string) error {
	return func(file string) error {
		cmd := exec.CommandContext(ctx, f.Bash, "-n", file)
		var out bytes.Buffer
		cmd.Env, cmd.Stdout, cmd.Stderr = []string{"PATH=/nonexistent", "LC_ALL=C"}, &out, &out
		if err := cmd.Run(); err != nil {
			text, _, _ := strings.Cut(strings.TrimSpace(out.String()), "\n")
			return fmt.Errorf("%s", strings.TrimPrefix(text, file+": "))
		}
		return nil
	}
}

// scripts lists the checks that packages, the administrator and repositories bring,
// by name; of one name the first folder's counts.
func (f *finisher) scripts(p *ebuild.Package) []string {
	broot := filepath.Join("/", f.Roots.Broot, f.Roots.EPrefix)
	dirs := []string{filepath.Join(broot, "usr/local/lib"), filepath.Join(broot, "usr/lib")}
	if repo := f.Session.Repos.Get(p.Repo); repo != nil {
		dirs = append(dirs, filepath.Join(repo.Location, "metadata"))
		for _, master := range slices.Backward(repo.Masters) {
			dirs = append(dirs, filepath.Join(master.Location, "metadata"))
		}
	}
	byName := make(map[string]string)
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "install-qa-check.d", "*"))
		if err != nil {
			continue // a folder whose name is a pattern has none
		}
		for _, file := range files {
			info, err := os.Stat(file)
			if name := filepath.Base(file); err == nil && info.Mode().IsRegular() && byName[name] == "" {
				byName[name] = file
			}
		}
	}
	var out []string
	for _, file := range byName {
		out = append(out, file)
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	return out
}

// executables lists the programs of a folder, sorted.
func executables(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // most systems have none
	}
	var out []string
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	return out
}
