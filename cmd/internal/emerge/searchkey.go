package emerge

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild/similar"
)

// A searchKey is what --search looks for: "%" before it makes it a regular
// expression, "@" or a slash in it compare whole names instead of those without
// category.
type searchKey struct {
	pattern  *regexp.Regexp
	whole    bool
	likeness []*similar.Likeness // of the parts of a name; nil: similar names do not count
}

// A patternError is a regular expression that cannot be used.
type patternError struct {
	Key string
	Err error
}

func (e *patternError) Error() string {
	return fmt.Sprintf("regular expression %q: %s", e.Key, e.Err)
}

// parseSearchKey reads a word of --search.
func (l *Line) parseSearchKey(key string) (*searchKey, error) {
	k := &searchKey{}
	rest, expression := strings.CutPrefix(key, "%")
	rest, k.whole = strings.CutPrefix(rest, "@")
	k.whole = k.whole || strings.Contains(rest, "/")
	var err error
	switch {
	case expression:
		if k.pattern, err = compilePython(rest); err != nil {
			return nil, err
		}
		return k, nil
	case l.Text("--regex-search-auto") != "n" && regexp.MustCompile(`[\^$*\[\]{}|?]|\.\+`).MatchString(rest):
		k.pattern, err = compilePython(rest)
		if refused := (*cli.RefusedError)(nil); err == nil || asRefused(err, &refused) {
			return k, err
		}
	}
	k.pattern = regexp.MustCompile("(?i)" + regexp.QuoteMeta(rest))
	if l.Text("--fuzzy-search") != "n" {
		similarity := 80.0
		if v, ok := l.Options["--search-similarity"]; ok && v.Kind == KindNumber {
			similarity = v.Float
		}
		for _, part := range k.parts(strings.ToLower(rest)) {
			k.likeness = append(k.likeness, similar.NewLikeness(part, similarity/100))
		}
	}
	return k, nil
}

// parts are what is compared separately for being similar.
func (k *searchKey) parts(name string) []string {
	if k.whole {
		return strings.SplitN(name, "/", 2)
	}
	return []string{name}
}

// of is the part of a name that is compared.
func (k *searchKey) of(name string) string {
	if k.whole {
		return name
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

// findsPackage says if the key fits a package's name.
func (k *searchKey) findsPackage(cp string) bool {
	name := k.of(cp)
	if k.pattern.MatchString(name) {
		return true
	}
	if k.likeness == nil {
		return false
	}
	for i, part := range k.parts(strings.ToLower(name)) {
		if i < len(k.likeness) && !k.likeness[i].Like(part) {
			return false
		}
	}
	return true
}

// compilePython compiles a regular expression that is written for Python. What
// only Python's have is refused by name.
func compilePython(text string) (*regexp.Regexp, error) {
	if alien := regexp.MustCompile(`\(\?(?:[=!>(#]|<[=!]|P=)|\\[1-9]|[*+?}]\+`).FindString(text); alien != "" {
		return nil, &cli.RefusedError{Program: program, What: fmt.Sprintf("%q in a regular expression", alien)}
	}
	var b strings.Builder
	b.WriteString("(?i)")
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; {
		case c == 'Z':
			b.WriteString(`\z`)
		case strings.IndexByte("zpPQEC", c) >= 0:
			return nil, &patternError{Key: text, Err: fmt.Errorf(`bad escape \%c`, c)}
		default:
			b.WriteString(text[i-1 : i+1])
		}
	}
	pattern, err := regexp.Compile(b.String())
	if err != nil {
		return nil, &patternError{Key: text, Err: err}
	}
	return pattern, nil
}
