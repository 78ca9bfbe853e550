package shellconf

import (
	"fmt"
	"os"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// ReadTree evaluates the file at path, or all files below it if it is a
// directory, in the order of linefile.Files. Variables of later files replace
// those of earlier ones. A missing path is an error as in ReadFile; a directory
// without files is not.
func ReadTree(path string, o Options) (*File, error) {
	if o.Env == nil {
		o.Env = Env{}
	}
	if _, err := os.Stat(path); err != nil {
		return nil, &linefile.Problem{File: path, Err: fmt.Errorf("read: %w", cause(err))}
	}
	all := &File{Path: path, index: make(map[string]int)}
	files, problems := linefile.Files(path)
	all.Warnings = problems
	for _, name := range files {
		text, err := o.read(name)
		if err != nil {
			return nil, &linefile.Problem{File: name, Err: fmt.Errorf("read: %w", err)}
		}
		if err := all.eval(name, text, o); err != nil {
			return nil, err
		}
	}
	return all, nil
}
