package repos

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// ValidName makes a valid repository name (PMS, section "Repository names") of
// any text as Portage does: runs of other characters become one hyphen, hyphens
// at the start go. It gives "" if nothing is left.
func ValidName(s string) string {
	keep := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return ' '
	}
	return strings.TrimLeft(strings.Join(strings.Fields(strings.Map(keep, s)), "-"), "-")
}

// ReadName reads the name of the repository at location from profiles/repo_name.
// If there is no such file, or it has no valid name, the name is "x-" and the
// last name of the location; missing tells that there is no such file.
func ReadName(location string) (name string, missing bool, problems []error) {
	fallback := ValidName("x-" + filepath.Base(location))
	text, err := linefile.ReadText(filepath.Join(location, "profiles", "repo_name"))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			problems = append(problems, err)
		}
		return fallback, true, problems
	}
	first := ""
	if len(text.Lines) > 0 {
		first = strings.TrimSpace(text.Lines[0])
	}
	name = ValidName(first)
	problems = text.Problems
	if name != first {
		problems = append(problems, &linefile.Problem{File: text.Path, Line: 1, Text: first, Err: errors.New("not a valid repository name")})
	}
	if name == "" {
		name = fallback
	}
	return name, false, problems
}

// ReadEAPI reads the file "eapi" of a folder of profiles. ok is false if there
// is none or it is broken; a file must hold exactly one line.
func ReadEAPI(dir string) (name string, ok bool, problems []error) {
	text, err := linefile.ReadText(filepath.Join(dir, "eapi"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", false, nil
	case err != nil:
		return "", false, []error{err}
	case len(text.Lines) != 1:
		return "", false, append(text.Problems, &linefile.Problem{File: text.Path, Err: errors.New("expected exactly one line")})
	}
	return text.Lines[0], true, text.Problems
}

// features gives the features of an EAPI; an unknown one is treated like none
// given, as in Portage.
func features(name string) *eapi.Features {
	if f, ok := eapi.Lookup(name); ok {
		return f
	}
	return eapi.Permissive()
}
