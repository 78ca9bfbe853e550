package merging

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/inroot"
	"github.com/tumpline/tumpline/merge/phase"
)

// rootDirs makes the folders that scripts of packages count on, where a root has not
// got them yet: Portage makes tmp and var/tmp, and etc comes with its first env-update,
// while a package that adds users may be the first of all.
func rootDirs(root *session.Root, j *build.Job) error {
	f, err := inroot.Open(root.Path)
	if err != nil {
		return err
	}
	defer f.Close() // nothing is written through it
	for _, d := range []struct {
		name string
		mode uint32
	}{{"etc", 0o755}, {"tmp", 0o1777}, {"var/tmp", 0o1777}} {
		name := path.Join("/", root.EPrefix, d.name)
		if d.name == "etc" && !j.HasScript(phase.Preinst) {
			continue // it comes with the image, or with env-update
		}
		if _, err := f.Lstat(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
			continue // whatever it is, it is the user's
		}
		err := f.MkdirAll(name, 0o755)
		if err == nil {
			err = f.Chmod(name, d.mode)
		}
		if err != nil {
			return fmt.Errorf("make %s in the root: %w", name, err)
		}
	}
	return nil
}
