package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
)

// A portage is a checkout of gentoo/portage that can be run here.
type portage struct {
	src string
}

// findPortage says why Portage is left out of the comparison, if it is.
func findPortage(src string) *portage {
	missing := ""
	switch {
	case src == "":
		missing = "PORTAGE_SRC names no checkout of gentoo/portage"
	case os.Getuid() != 0:
		missing = "it is run in a mount namespace, which needs root"
	}
	if abs, err := filepath.Abs(src); missing == "" && err == nil {
		src = abs
		if _, err := os.Stat(filepath.Join(src, "bin/emerge")); err != nil {
			missing = err.Error()
		}
	}
	for _, tool := range []string{"python3", "unshare", "chroot"} {
		if _, err := exec.LookPath(tool); missing == "" && err != nil {
			missing = err.Error()
		}
	}
	if missing != "" {
		fmt.Println("real Portage: left out,", missing)
		return nil
	}
	return &portage{src}
}

// namespace makes a root that looks like the SDK. Its arguments: a folder to
// work in, the SDK's root, the checkout, then what to run.
//
//go:embed namespace.sh
var namespace string

// measure runs emerge in the namespace. The time of the mounts is taken off by
// timing a run of nothing.
func (p *portage) measure(request *corpus.Request, roots *corpus.Roots) (run, error) {
	vars := variables(request, roots)
	vars["PYTHONPATH"] = filepath.Join(p.src, "lib")
	inside := func(command ...string) (run, error) {
		work := filepath.Dir(filepath.Dir(roots.Dir))
		args := append([]string{"-m", "--propagation", "private", "bash", "-c", namespace, "-", work, roots.Build, p.src}, command...)
		return measure(exec.Command("unshare", args...), environment(vars))
	}
	empty, err := inside("true")
	if err != nil {
		return run{}, err
	}
	emerge := []string{"python3", filepath.Join(p.src, "bin/emerge")}
	r, err := inside(append(emerge, arguments(request)...)...)
	r.wall -= empty.wall
	return r, err
}
