package bash

import (
	"crypto/rand"
	"fmt"
	"io/fs"
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
// library is told how much of what is freed to keep for the next use: bash makes much
// use of it, but if all is kept it lies scattered over memory, and a fork copies each
// page that it writes to. The library unsets that.
func environ() []string {
	return []string{"BASH_SOURCE=" + SourceName, "GLIBC_TUNABLES=glibc.malloc.tcache_count=300:glibc.malloc.top_pad=1048576", "PATH=/dev/null", "TERM=dumb"}
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

// A Parsing is how shells parse an eclass.
type Parsing struct {
	Name  string
	Eager map[string]bool // functions that are whole
	Kept  map[string]bool // functions that are there, but stop the ebuild that calls them
	Plain bool            // see Outline.Plain
	Cut   bool            // no eclass has a ver_cut of its own
	Check bool            // no shell has parsed this text yet
}

// ParseCommand makes the command by which a shell parses an eclass. Functions that
// are neither eager nor kept are not there; an ebuild that calls them is stopped too.
func ParseCommand(o *Outline, p Parsing) string {
	text := o.Text(p.Eager, p.Kept, "___lazy")
	once := doneOnce(text)
	if p.Cut {
		text = versionValue().ReplaceAllString(text, "${1}___ver_value ${3}; ${2}=$${___value}")
	}
	command := "___sort=___eclass ___parse " + Quote(p.Name) + " " + Quote(text)
	if p.Plain {
		command = "___sort=___plain ___parse " + Quote(p.Name) + " " + Quote(text)
	}
	if p.Check {
		command += " check"
	}
	return command + "\n___guard[" + Quote(p.Name) + "]=" + Quote(once) + "\n"
}

// versionValue is a line of an eclass that sets a variable by ver_cut.
var versionValue = pattern(`(?m)^([ \t]*)(\w+)=\$\(ver_cut ([0-9]+(?:-[0-9]*)?(?: \$\{\w+\}| "\$\{\w+\}")?)\)$`)

// builtins are the commands of bash, and its reserved words.
const builtins = ". : [ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs " +
	"disown echo enable eval exec exit export false fc fg fltexpr getopts hash help history jobs kill let local logout mapfile " +
	"popd printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset " +
	"ulimit umask unalias unset wait if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc"

// Reserved gives the names of functions that mean something without an eclass:
// commands of bash and of the library for any EAPI.
func Reserved() (map[string]bool, error) {
	reserved := make(map[string]bool)
	for _, name := range strings.Fields(builtins) {
		reserved[name] = true
	}
	err := fs.WalkDir(lib, "lib", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := lib.ReadFile(name)
		for _, function := range Defines(string(text)) {
			reserved[function] = true
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("internal error: %w", err)
	}
	return reserved, nil
}
