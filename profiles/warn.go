package profiles

import (
	"errors"
	"fmt"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// warnings collects what is wrong without preventing use, in the order met.
type warnings struct {
	list []error
	seen map[string]bool
}

// add notes problems. The same text is noted once: files of a profile that is
// a parent twice are read twice.
func (w *warnings) add(errs ...error) {
	for _, err := range errs {
		if err == nil || w.seen[err.Error()] {
			continue
		}
		if w.seen == nil {
			w.seen = make(map[string]bool)
		}
		w.seen[err.Error()] = true
		w.list = append(w.list, err)
	}
}

// at notes a problem of a place.
func (w *warnings) at(p Pos, culprit, format string, args ...any) {
	w.add(problem(p, culprit, fmt.Errorf(format, args...)))
}

func problem(p Pos, culprit string, err error) error {
	if p.File == "" {
		if culprit == "" {
			return err
		}
		return fmt.Errorf("%w: %q", err, culprit)
	}
	return &linefile.Problem{File: p.File, Line: p.Line, Text: culprit, Err: err}
}

// Reasons for errors and warnings that callers may ask for with errors.Is.
var (
	ErrUnsupportedEAPI = errors.New("unsupported EAPI")
	ErrParentLoop      = errors.New("profile is its own parent")
	ErrUnknownParent   = errors.New("parent profile not found")
	ErrUnknownRepo     = errors.New("unknown repository")
	ErrEmptyParent     = errors.New("empty parent file")
	ErrNoProfile       = errors.New("no make.profile")
)
