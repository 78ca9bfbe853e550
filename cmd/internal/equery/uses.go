package equery

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func usesModule() *module {
	return &module{
		name: "uses", letter: "u", shown: "(u)ses", about: "display USE flags for PKG",
		doc: "Display USE flags for a given package", arg: "pkgspec",
		options: [][2]string{
			{" -a, --all", "include all package versions"},
			{" -f, --forced-masked", "include forced/masked USE flags"},
			{" -i, --ignore-l10n", "don't show l10n USE flags"},
		},
		spec: getopt.Spec{Short: "hafi", Long: []string{"help", "all", "forced-masked", "ignore-l10n"}},
		kind: flagsKind, run: uses,
	}
}

// flagsKind is the document of uses.
var flagsKind = answer.NewKind[flagsDocument]("tumpline.equery-use-flags", "1.0.0", "the USE flags of packages and their states")

type flagsDocument struct {
	answer.Head
	Packages []flagsObject `json:"packages"`
}

type flagsObject struct {
	CPV       string            `json:"cpv" jsonschema:"CATEGORY/PF"`
	Installed bool              `json:"installed"`
	Flags     []flagStateObject `json:"flags" jsonschema:"sorted by name"`
}

type flagStateObject struct {
	Name        string  `json:"name"`
	Enabled     bool    `json:"enabled" jsonschema:"if the package were merged now"`
	BuiltWith   *bool   `json:"built_with" jsonschema:"whether the installed package has it; null if it is not installed"`
	Forced      bool    `json:"forced"`
	Masked      bool    `json:"masked"`
	Description *string `json:"description" jsonschema:"of metadata.xml, else of use.desc; null if there is none"`
}

// flagMark is how a flag stands: the places of signs.
type flagMark uint8

const (
	markOff    flagMark = iota // "-"
	markOn                     // "+"
	markMasked                 // "M"
	markForced                 // "F"
)

// String is the sign.
func (m flagMark) String() string { return string("-+MF"[m]) }

// flagLine is what is shown of a flag.
type flagLine struct {
	now, built     flagMark // if merged now; as installed or, if not, in USE
	name           string
	text, restrict string
}

// flagLister is a call of uses.
type flagLister struct {
	*call
	system              *gentoolkit.System
	all, forced, noL10n bool
	descriptions        map[string]string
	legend              bool // was shown
}

func uses(c *call, options []getopt.Option, queries []string) error {
	u := &flagLister{call: c}
	for _, o := range options {
		switch o.Name {
		case "-a", "--all":
			u.all = true
		case "-f", "--forced-masked":
			u.forced = true
		case "-i", "--ignore-l10n":
			u.noL10n = true
		}
	}
	if len(queries) == 0 {
		return c.none()
	}
	var err error
	if u.system, err = c.open(); err != nil {
		return err
	}
	d := &flagsDocument{Packages: []flagsObject{}}
	for i, text := range queries {
		c.separate(i)
		matches, err := u.find(text)
		if err != nil {
			return err
		}
		for _, p := range matches {
			lines := u.lines(p)
			if c.data {
				d.Packages = append(d.Packages, u.document(p, lines))
			} else {
				u.show(p, lines)
			}
		}
	}
	if c.data {
		return flagsKind.Write(c.env.Out, d)
	}
	return nil
}

func (u *flagLister) find(text string) ([]*gentoolkit.Package, error) {
	q, err := gentoolkit.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	var list []*gentoolkit.Package
	if u.all {
		list, err = u.system.FindAll(q.Text, true)
	} else if best, failure := u.system.Best(q.Text); failure != nil || best != nil {
		list, err = []*gentoolkit.Package{best}, failure
	}
	if err == nil && len(list) == 0 {
		err = &gentoolkit.NoMatchError{Query: q.Text}
	}
	return list, err
}

// lines gives the flags of a package, sorted by name.
func (u *flagLister) lines(p *gentoolkit.Package) []flagLine {
	e := p.Ebuild()
	if e == nil {
		return nil
	}
	state := u.system.Root.Use.State(e)
	built := u.system.Root.Config.Words("USE")
	if p.Installed() != nil {
		built = strings.Fields(p.Value("USE"))
	}
	about := u.about(p)
	everything := u.forced || u.data
	var out []flagLine
	for _, name := range u.names(state.IUSE()) {
		forced, masked := state.Forced(name), state.Masked(name)
		if (forced || masked) && !everything || u.noL10n && strings.HasPrefix(name, "l10n_") {
			continue
		}
		line := flagLine{name: name, text: about[name].Text, restrict: about[name].Restrict}
		line.now = mark(state.Enabled(name), forced, masked)
		line.built = mark(slices.Contains(built, name), forced, masked)
		out = append(out, line)
	}
	return out
}

func mark(on, forced, masked bool) flagMark {
	switch {
	case on && forced:
		return markForced
	case on:
		return markOn
	case masked:
		return markMasked
	}
	return markOff
}

// names keeps the flags that people choose: no architectures, and none of variables in
// USE_EXPAND_HIDDEN.
func (u *flagLister) names(flags []string) []string {
	var hidden []string
	for _, v := range u.system.Root.Config.Words("USE_EXPAND_HIDDEN") {
		hidden = append(hidden, strings.ToLower(v)+"_")
	}
	return slices.DeleteFunc(slices.Clone(flags), func(flag string) bool {
		return u.system.IsArch(flag) || slices.ContainsFunc(hidden, func(h string) bool { return strings.HasPrefix(flag, h) })
	})
}

// about gives what is known of flags: what metadata.xml says first, and else use.desc
// of the main repository.
func (u *flagLister) about(p *gentoolkit.Package) map[string]gentoolkit.FlagText {
	if u.piping && !u.data || u.quiet && !u.data {
		return nil // nobody sees it
	}
	out := map[string]gentoolkit.FlagText{}
	if m, err := gentoolkit.ReadMetadata(filepath.Join(p.Dir(), "metadata.xml")); err == nil { // else nothing is known
		for _, f := range slices.Backward(m.Flags) {
			out[f.Name] = f
		}
	}
	if u.descriptions == nil {
		u.descriptions = u.globalDescriptions()
	}
	for name, text := range u.descriptions {
		if _, ok := out[name]; !ok {
			out[name] = gentoolkit.FlagText{Name: name, Text: text}
		}
	}
	return out
}

// globalDescriptions reads use.desc and desc/*.desc of the main repository.
func (u *flagLister) globalDescriptions() map[string]string {
	out := map[string]string{}
	profiles := filepath.Join(u.system.MainLocation(), "profiles")
	main := filepath.Join(profiles, "use.desc")
	if !readDescriptions(main, "", out) {
		u.warn("Could not load USE flag descriptions from " + u.style.Path(main))
	}
	files, _ := filepath.Glob(filepath.Join(profiles, "desc", "*.desc")) // the pattern is right
	for _, file := range files {
		if !readDescriptions(file, strings.TrimSuffix(filepath.Base(file), ".desc")+"_", out) {
			u.warn("Could not load USE flag descriptions from " + file)
		}
	}
	return out
}

func readDescriptions(file, prefix string, out map[string]string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		name, text, ok := strings.Cut(lines.Text(), " - ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		if prefix != "" {
			name, text = strings.TrimSpace(name), strings.TrimSpace(text)
		}
		out[prefix+name] = strings.TrimRight(text, " \t")
	}
	return lines.Err() == nil
}

// show prints the flags of a package.
func (u *flagLister) show(p *gentoolkit.Package, lines []flagLine) {
	s := u.style
	switch {
	case len(lines) == 0 && u.verbose:
		u.warn("No USE flags found for " + s.CPV(p.CPV))
	case !u.verbose:
		for _, l := range lines {
			if l.now > markOn {
				u.out.Line("(" + (l.now % 2).String() + l.name + ")")
			} else {
				u.out.Line(l.now.String() + l.name)
			}
		}
	default:
		if !u.legend {
			u.out.Printf("[ Legend : %s - final flag setting for installation]", s.Emph("U"))
			u.out.Printf("[        : %s - package is installed with flag     ]", s.Emph("I"))
			u.out.Printf("[ Colors : %s, %s                             ]", s.Flag("set", true), s.Flag("unset", false))
			u.legend = true
		}
		u.out.Printf(" * Found these USE flags for %s:", s.CPV(p.CPV))
		u.out.Print(s.Emph(" U I"))
		u.showLines(lines)
	}
}

func (u *flagLister) showLines(lines []flagLine) {
	s, longest := u.style, 0
	for _, l := range lines {
		longest = max(longest, len(l.name))
	}
	under := strings.Repeat(" ", longest+8)
	for _, l := range lines {
		signs := fmt.Sprintf(" %s %s", l.now, l.built)
		if l.now != l.built {
			signs = s.Emph(signs)
		}
		head := signs + " " + s.Flag(fmt.Sprintf("%-*s", longest, l.name), l.now%2 == 1) + " : "
		w := gentoolkit.Wrapper{Width: u.width, First: head, Subsequent: under}
		text := strings.TrimLeft(l.text, " \t\n")
		if l.restrict != "" {
			u.out.Line(w.Fill("(" + s.Emph("Restricted to") + " " + s.CPV(l.restrict) + ")"))
			if text == "" {
				u.out.Print(" : <unknown>")
				continue
			}
			w.First = under
		}
		if text == "" {
			u.out.Print(w.Fill("<unknown>"))
		} else {
			u.out.Line(w.Fill(text))
		}
	}
}

func (u *flagLister) document(p *gentoolkit.Package, lines []flagLine) flagsObject {
	o := flagsObject{CPV: p.CPV, Installed: p.Installed() != nil, Flags: []flagStateObject{}}
	for _, l := range lines {
		state := u.system.Root.Use.State(p.Ebuild())
		f := flagStateObject{Name: l.name, Enabled: state.Enabled(l.name), Forced: state.Forced(l.name), Masked: state.Masked(l.name)}
		if o.Installed {
			built := l.built == markOn || l.built == markForced
			f.BuiltWith = &built
		}
		if l.text != "" {
			f.Description = &l.text
		}
		o.Flags = append(o.Flags, f)
	}
	return o
}
