package userconf

import (
	"maps"
	"path/filepath"

	"github.com/tumpline/tumpline/profiles/shellconf"
)

// ReadEnv evaluates the files of the folder env below dir (etc/portage) that a
// package.env entry names. They share a copy of o.Env, which itself is left
// alone, and may source other files. A file that cannot be read or evaluated is
// a problem and leaves a gap in nothing: the others are returned in order.
func ReadEnv(dir string, names []string, o shellconf.Options) (files []*shellconf.File, problems []error) {
	o.Source = true
	o.Env = maps.Clone(o.Env)
	if o.Env == nil {
		o.Env = shellconf.Env{}
	}
	for _, name := range names {
		path := name
		if !filepath.IsAbs(name) {
			path = filepath.Join(dir, "env", name)
		}
		f, err := shellconf.ReadFile(path, o)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		files = append(files, f)
		problems = append(problems, f.Warnings...)
	}
	return files, problems
}
