package merging

import (
	"fmt"
	"path"
	"path/filepath"

	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/inroot"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/merge/vdb"
)

// dangling tells which links that a package has brought lead to nothing in its root.
func dangling(j *build.Job, root *session.Root, contents []vdb.Content) error {
	fs, err := inroot.Open(filepath.Clean(root.Path))
	if err != nil {
		return err
	}
	defer fs.Close()
	for i := range contents {
		c := &contents[i]
		if c.Kind != vdb.KindSymlink {
			continue
		}
		to := c.Target
		if !path.IsAbs(to) {
			to = path.Join(path.Dir(c.Path), to)
		}
		if to = path.Clean(to); to == "/" {
			continue
		}
		// A link to a link is another warning's matter.
		if _, err := fs.Lstat(to); err != nil {
			j.Notice(phase.Preinst, fmt.Sprintf("Symbolic link %s points to %s which does not exist.", c.Path, to))
		}
	}
	return nil
}
