package resolvertest

import (
	"slices"
	"strconv"
	"strings"
)

// A Verb is the first word of an expected line of a text world.
type Verb uint8

const (
	VerbMerge       Verb = iota // a package is merged
	VerbUninstall               // an installed package is unmerged for a blocker
	VerbBlock                   // a blocker is listed
	VerbUse                     // a USE change is asked for
	VerbKeyword                 // a keyword has to be accepted
	VerbUnmask                  // a package has to be unmasked
	VerbLicense                 // a licence has to be accepted
	VerbUnsatisfied             // an atom is reported as unsatisfied
	VerbClean                   // depclean unmerges a package
	VerbNothing                 // there is nothing to do
	VerbFail                    // the request fails
)

var verbWords = [...]string{"merge", "uninstall", "block", "use", "keyword", "unmask", "license", "unsatisfied", "clean", "nothing", "fail"}

// String returns the word itself.
func (v Verb) String() string {
	if int(v) >= len(verbWords) {
		return "invalid"
	}
	return verbWords[v]
}

// An ExpectLine is one expected line of a text world.
type ExpectLine struct {
	Line  int  // in the file
	Group int  // lines of one group other than 0 may come in any order
	Verb  Verb // the first word
	// Subject is what the verb is about: a CPV (it may carry "::repo"), an
	// atom, or the kind of a failure ("" if any).
	Subject string
	Words   []string // flags with sign of VerbUse, licences of VerbLicense

	// Attributes of VerbMerge; what is not given is not compared.
	Binary, Remote bool
	Target         bool     // merged to the target root; compared always
	BuildID        int      // -1 if not given
	Flags          []string // USE flags with sign
	Replaces       []string
	Rebuild        string
}

// expectLines reads the lines of a request section.
func (t *textParser) expectLines(s section, kind Kind) ([]ExpectLine, error) {
	lines := []ExpectLine{}
	group, open, fresh := 0, 0, false
	for i, text := range s.lines {
		line := s.line + 1 + i
		words := strings.Fields(text)
		switch {
		case len(words) == 0 || words[0][0] == '#':
			continue
		case words[0] == "{" && len(words) == 1 && open == 0:
			open, fresh = line, true
			continue
		case words[0] == "}" && len(words) == 1 && open != 0:
			open = 0
			continue
		}
		l, msg := parseExpectLine(words)
		if msg == "" {
			msg = l.misplaced(kind)
		}
		if msg != "" {
			return nil, t.errorf(line, "%q: %s", strings.Join(words, " "), msg)
		}
		l.Line = line
		if open != 0 {
			if fresh {
				group, fresh = group+1, false
			}
			l.Group = group
		}
		lines = append(lines, l)
	}
	if open != 0 {
		return nil, t.errorf(open, "the group is not closed: a line with } is expected")
	}
	if len(lines) == 0 {
		return nil, t.errorf(s.line, "the request expects nothing: say %q if nothing is to be done", "nothing")
	}
	return lines, nil
}

// misplaced says why a line cannot stand in a request of a kind, or "".
func (l *ExpectLine) misplaced(k Kind) string {
	both := l.Verb == VerbFail || l.Verb == VerbNothing
	if !both && (l.Verb == VerbClean) != (k == KindRemove) {
		return "a " + k.String() + " request has no such line"
	}
	return ""
}

// parseExpectLine reads one line; msg says what is wrong with it.
func parseExpectLine(words []string) (l ExpectLine, msg string) {
	verb := strings.TrimSuffix(words[0], ":")
	v := slices.Index(verbWords[:], verb)
	if v < 0 || words[0] != verb && verb != "fail" {
		return l, "the line starts with none of " + strings.Join(verbWords[:], ", ")
	}
	l.Verb, l.BuildID = Verb(v), -1
	rest := words[1:]
	switch l.Verb {
	case VerbNothing:
		if len(rest) > 0 {
			return l, "nothing follows " + verb
		}
		return l, ""
	case VerbFail:
		if len(rest) > 1 {
			return l, "one kind of failure is expected"
		}
		l.Subject = strings.Join(rest, " ")
		return l, ""
	}
	if len(rest) == 0 {
		return l, "a package or atom is expected after " + verb
	}
	l.Subject = rest[0]
	return l, l.attributes(rest[1:])
}

// attributes reads what follows the subject; it returns what is wrong.
func (l *ExpectLine) attributes(words []string) string {
	switch l.Verb {
	case VerbUse, VerbLicense:
		l.Words = words
		if len(words) == 0 {
			return "flags or licences are expected"
		}
		if l.Verb == VerbUse {
			return signed(words)
		}
		return ""
	case VerbMerge:
		return l.mergeAttributes(words)
	}
	if len(words) > 0 {
		return "nothing is expected after " + l.Subject
	}
	return ""
}

func signed(flags []string) string {
	for _, f := range flags {
		if len(f) < 2 || f[0] != '+' && f[0] != '-' {
			return "flag " + f + " needs a + or - before it"
		}
	}
	return ""
}

func (l *ExpectLine) mergeAttributes(words []string) string {
	for i := 0; i < len(words); i++ {
		arg := func() string {
			if i++; i < len(words) {
				return words[i]
			}
			return ""
		}
		switch w := words[i]; w {
		case "binary":
			l.Binary = true
		case "remote":
			l.Binary, l.Remote = true, true
		case "to":
			if arg() != "target" {
				return "target is expected after to"
			}
			l.Target = true
		case "build-id":
			n, err := strconv.Atoi(arg())
			if err != nil || n < 0 {
				return "a number is expected after build-id"
			}
			l.BuildID = n
		case "use", "replaces", "rebuild":
			var list []string
			if list, i = until(words, i); len(list) == 0 {
				return "something is expected after " + w
			}
			if msg := l.setList(w, list); msg != "" {
				return msg
			}
		default:
			return "attribute " + w + " is unknown"
		}
	}
	return ""
}

// setList sets an attribute that takes the words up to the next attribute.
func (l *ExpectLine) setList(attribute string, list []string) string {
	switch attribute {
	case "use":
		l.Flags = list
		return signed(list)
	case "replaces":
		l.Replaces = list
	case "rebuild":
		l.Rebuild = strings.Join(list, " ")
	}
	return ""
}

// until returns the words after words[i] up to the next attribute, and the
// index of the last of them.
func until(words []string, i int) ([]string, int) {
	from := i + 1
	for i+1 < len(words) && !slices.Contains(attributeWords[:], words[i+1]) {
		i++
	}
	return words[from : i+1], i
}

var attributeWords = [...]string{"binary", "remote", "to", "build-id", "use", "replaces", "rebuild"}
