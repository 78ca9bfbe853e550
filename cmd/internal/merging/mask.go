package merging

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/merge/livefs"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/installmask"
)

// mask takes what INSTALL_MASK keeps out off an image, and records the value in the
// entry to be. pkg_preinst is to see the image without it: Flatcar's bashrc looks there
// for debug files of programs that are not installed.
func mask(j *build.Job, root *session.Root, image *merge.Image, features map[string]bool) error {
	value, err := maskValue(j, root)
	if err != nil {
		return err
	}
	words := strings.Fields(value)
	share := filepath.Join(root.EPrefix, "/usr/share")
	shared := false
	for _, name := range []string{"man", "info", "doc"} {
		if features["no"+name] {
			words, shared = append(words, share+"/"+name), true
		}
	}
	if len(words) == 0 {
		return nil
	}
	value = strings.Join(words, " ")
	if err := atomicfile.ReplaceFile(filepath.Join(image.Info, "INSTALL_MASK"), []byte(value+"\n"), 0o644); err != nil {
		return err
	}
	o := livefs.MaskOptions{EPrefix: root.EPrefix}
	if shared {
		o.Emptied = []string{share}
	}
	return livefs.Mask(image.Dir, installmask.Parse(value), o)
}

// maskValue is INSTALL_MASK as the user's bashrc files left it, where a shell has run,
// else as it is configured.
func maskValue(j *build.Job, root *session.Root) (string, error) {
	lists, err := j.Build.Dir.Lists()
	if errors.Is(err, fs.ErrNotExist) {
		return root.Config.PackageVars(profiles.Candidate(j.Package)).Get("INSTALL_MASK"), nil
	}
	if err != nil {
		return "", err
	}
	return lists.InstallMask, nil
}
