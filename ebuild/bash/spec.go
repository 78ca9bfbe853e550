package bash

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/confine"
)

// DependOptions says what a shell that reads metadata is for.
type DependOptions struct {
	Bash     string          // the program
	EAPI     *eapi.Features  // of all its ebuilds
	Eclasses []Eclass        // that the repository of its ebuilds sees
	Phases   []string        // functions whose existence is told
	Exact    bool            // one request without a fork; then it ends
	Policy   *confine.Policy // what the shell may do; nil: what this process may
}

// An Eclass is the file of an eclass.
type Eclass struct{ Name, Path string }

// DependSpec makes the specification of a shell that reads metadata.
func DependSpec(o DependOptions) (Spec, error) {
	text, err := Library(o.EAPI, Depend)
	if err != nil {
		return Spec{}, err
	}
	main, err := lib.ReadFile("lib/depend/" + mainPart)
	if err != nil {
		return Spec{}, fmt.Errorf("internal error: %w", err)
	}
	fds, err := descriptors(3)
	if err != nil {
		return Spec{}, err
	}
	var b strings.Builder
	b.WriteString(text)
	b.WriteString("declare -A ___eclass_path=(")
	for _, e := range o.Eclasses {
		b.WriteString("[" + Quote(e.Name) + "]=" + Quote(e.Path) + " ")
	}
	fmt.Fprintf(&b, ")\n___phases=%s ___guarded=%s ___result=%s\n", Quote(strings.Join(o.Phases, " ")), Quote(strings.Join(guarded(), " ")), fds[1])
	if o.Exact {
		b.WriteString("___exact=1\n")
	}
	b.WriteString(strings.NewReplacer("@REQUEST@", fds[0], "@RESULT@", fds[1], "@STATUS@", fds[2]).Replace(string(main)))
	return Spec{Bash: o.Bash, Text: b.String(), Policy: o.Policy, Environ: environ()}, nil
}

// environ is what a shell that reads metadata gets. A BASH_SOURCE from outside
// makes bash treat it as a variable like others, which it keeps up to date
// but does not protect: the library tells it where text comes from. The GNU C
// library is told to keep what is freed for the next use, of which bash makes
// much; the library unsets that.
func environ() []string {
	return []string{"BASH_SOURCE=" + SourceName, "GLIBC_TUNABLES=glibc.malloc.tcache_count=60000:glibc.malloc.top_pad=262144", "PATH=/dev/null", "TERM=dumb"}
}

// guarded lists the functions that an ebuild must leave alone: what the library
// rests on.
func guarded() []string {
	return strings.Fields("inherit EXPORT_FUNCTIONS die " +
		". [ declare eval exec exit export kill local printf return set shopt source test unset " +
		"___accumulate ___collect ___export_functions ___feature ___report")
}

// Descriptors of the protocol are chosen among these, above what scripts use
// and below the usual limit of 256.
const firstDescriptor, lastDescriptor = 100, 250

// descriptors picks n descriptors at random.
func descriptors(n int) ([]string, error) {
	var out []string
	for len(out) < n {
		var b [1]byte
		if _, err := rand.Read(b[:]); err != nil {
			return nil, fmt.Errorf("choose descriptors: %w", err)
		}
		d := int(b[0])
		if s := fmt.Sprint(d); d >= firstDescriptor && d <= lastDescriptor && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}

// ParseCommand makes the command by which a shell parses an eclass, in which
// functions that are not eager stop the ebuild that calls them. Check is for the
// first shell that parses this text.
func ParseCommand(name string, o *Outline, eager map[string]bool, check bool) string {
	command := "___parse " + Quote(name) + " " + Quote(o.Text(eager, "___lazy"))
	if check {
		command += " " + Quote(o.text)
	}
	return command + "\n"
}
