package resolver_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/params"
)

// write makes a root with one small repository below dir.
func write(dir string) error {
	for path, text := range map[string]string{
		"etc/portage/repos.conf":                   "[DEFAULT]\nmain-repo = small\n[small]\nlocation = " + dir + "/repo\n",
		"repo/profiles/repo_name":                  "small\n",
		"repo/profiles/categories":                 "app-misc\ndev-libs\n",
		"repo/profiles/p/make.defaults":            "ARCH=\"amd64\"\nACCEPT_KEYWORDS=\"amd64\"\n",
		"repo/metadata/layout.conf":                "masters =\n",
		"repo/metadata/md5-cache/app-misc/hello-1": "EAPI=8\nSLOT=0\nKEYWORDS=amd64\nRDEPEND=dev-libs/lib\n_md5_=0\n",
		"repo/metadata/md5-cache/dev-libs/lib-1":   "EAPI=8\nSLOT=0\nKEYWORDS=amd64\n_md5_=0\n",
		"repo/metadata/md5-cache/dev-libs/lib-2":   "EAPI=8\nSLOT=0\nKEYWORDS=~amd64\n_md5_=0\n",
	} {
		file := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return os.Symlink(filepath.Join(dir, "repo/profiles/p"), filepath.Join(dir, "etc/portage/make.profile"))
}

// plan prints what has to be merged for an atom.
func plan(dir, text string) error {
	config, err := profiles.Load(profiles.Options{ConfigRoot: dir, Root: "/"})
	if err != nil {
		return err
	}
	repos, err := ebuild.Open(config.Repos(), ebuild.OpenOptions{})
	if err != nil {
		return err
	}
	flags := use.New(config)
	root := &resolver.Root{
		Path: "/", Config: config, USE: flags, Judge: visibility.New(config, flags), Repos: repos.All(),
	}
	a, err := atoms.ParseAtom(text, atoms.AtomOptions{})
	if err != nil {
		return err
	}
	result, err := resolver.Resolve(context.Background(),
		&resolver.System{Target: root, Running: root, Sysroot: root},
		&resolver.Request{Options: params.New(), Args: []resolver.Arg{{Text: text, Atom: a}}})
	if err != nil {
		return err
	}
	fmt.Println("success:", result.Success)
	for _, item := range result.Pass.Order.List {
		fmt.Println(result.Pass.Input.Tasks[item.Task].CPV)
	}
	return nil
}

// A request is resolved for one root with one repository.
func ExampleResolve() {
	dir, err := os.MkdirTemp("", "example")
	if err == nil {
		defer os.RemoveAll(dir)
		if err = write(dir); err == nil {
			err = plan(dir, "app-misc/hello")
		}
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// success: true
	// dev-libs/lib-1
	// app-misc/hello-1
}
