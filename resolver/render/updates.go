package render

import (
	"slices"
	"strings"
)

// Skipped are updates that were held back (O63).
type Skipped struct {
	Conflicts   []SkippedConflict
	Unsatisfied []SkippedUnsatisfied
	Backtracked []SlotRef // of those whose unmet dependencies come from the search itself
}

// A SkippedConflict is an update that does not fit what others ask for.
type SkippedConflict struct {
	Package *Package
	Parents []ConflictParent // their atoms with what the package violates
}

// A SkippedUnsatisfied is an update with dependencies that nothing satisfies.
type SkippedUnsatisfied struct {
	Selected *Package // what is in the slot instead
	Skipped  *Package
	Deps     []Unsatisfied
}

// A SlotRef names a slot in a message.
type SlotRef struct {
	Slot string // "cat/pkg:slot"
	Root string // EROOT, if ROOT is not "/"
}

func (p *Package) slotRef() SlotRef {
	return SlotRef{Slot: p.CP + ":" + p.Slot, Root: p.Root.elsewhere()}
}

func (r SlotRef) String() string {
	if r.Root == "" {
		return r.Slot
	}
	return r.Slot + " for " + r.Root
}

// Text returns both parts of the message.
func (k *Skipped) Text(o Options) string { return k.conflictText(&o) + k.unsatisfiedText(&o) }

func (k *Skipped) conflictText(o *Options) string {
	if len(k.Conflicts) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nWARNING: One or more updates/rebuilds have been skipped due to a dependency conflict:\n\n")
	for _, c := range k.Conflicts {
		b.WriteString(c.Package.slotRef().String() + "\n\n  " + c.Package.message(o) + " " + o.useMessage(c.Package) + " conflicts with\n")
		for _, p := range c.Parents {
			name, use := p.Parent.message(o)
			if p.Atom.Text == "" {
				b.WriteString("    " + name + "\n")
				continue
			}
			atom, marker := p.Atom.markEach(o)
			b.WriteString("    " + atom + " required by " + name + " " + use + "\n    " + marker + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (k *Skipped) unsatisfiedText(o *Options) string {
	var b strings.Builder
	for _, u := range k.Unsatisfied {
		b.WriteString("\n!!! The following update has been skipped due to unsatisfied dependencies:\n\n" +
			u.Skipped.slotRef().String() + "\n\n" +
			"  selected: " + u.Selected.message(o) + "\n" +
			"  skipped: " + u.Skipped.message(o) + " (see unsatisfied dependency below)\n")
		for i := range u.Deps {
			b.WriteString(u.Deps[i].Text(*o) + "\n")
		}
	}
	if len(k.Backtracked) > 0 {
		b.WriteString("\n!!! The following update(s) have been skipped due to unsatisfied dependencies\n" +
			"!!! triggered by backtracking:\n\n")
	}
	for _, r := range k.Backtracked {
		b.WriteString(r.String() + "\n")
	}
	return b.String()
}

// A Rebuild is a package that makes others be built again (O64).
type Rebuild struct {
	Cause    *Package
	Packages []*Package
}

// RebuildsText returns the list of those who cause rebuilds, "" if there are none.
func RebuildsText(rebuilds []Rebuild, o Options) string {
	if len(rebuilds) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nThe following packages are causing rebuilds:\n\n")
	for _, r := range rebuilds {
		b.WriteString("  " + r.Cause.message(&o) + " causes rebuilds for:\n")
		for _, p := range r.Packages {
			b.WriteString("    " + p.message(&o) + "\n")
		}
	}
	return b.String()
}

// IgnoredBinaries are binary packages in the list that were built again from
// source, or taken in another build, because they do not fit.
type IgnoredBinaries struct {
	Use         []IgnoredUse
	ChangedDeps []Ref
}

// An IgnoredUse is a binary package with the wrong USE.
type IgnoredUse struct {
	CPV   string
	Root  string   // EROOT if ROOT is not "/"
	Flags []string // the flags that differ, sorted, as the binary package has them: "a", "-b"
}

// Text returns the message.
func (i *IgnoredBinaries) Text(o Options) string {
	s := ""
	if len(i.Use) > 0 {
		s += "\n!!! The following binary packages have been ignored due to non matching USE:\n\n"
		for _, line := range i.useLines() {
			s += line
		}
		s += ignoredNote("respect-use", &o)
	}
	if len(i.ChangedDeps) > 0 {
		s += "\n!!! The following binary packages have been ignored due to changed dependencies:\n\n"
		for _, r := range i.ChangedDeps {
			s += "     " + r.text() + "\n"
		}
		s += ignoredNote("changed-deps", &o)
	}
	return s
}

// useLines returns a line for each package and set of flags; several builds of
// one package can have the same flags.
func (i *IgnoredBinaries) useLines() []string {
	var lines []string
	for _, u := range i.Use {
		line := "    =" + u.CPV + " " + strings.Join(u.Flags, " ")
		if u.Root != "" {
			line += " # for " + u.Root
		}
		if line += "\n"; !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

func ignoredNote(option string, o *Options) string {
	return "\n" + o.paint("INFORM", "NOTE: The --binpkg-"+option+"=n option will prevent emerge") + "\n" +
		o.paint("INFORM", "      from ignoring these binary packages if possible.") + "\n" +
		o.paint("INFORM", "      Using --binpkg-"+option+"=y will silence this warning.") + "\n"
}

func (r Ref) text() string {
	s := r.CPV + "::" + r.Repo
	if r.Root != "" {
		s += " for " + r.Root
	}
	return s
}

// ChangedDepsText returns the report of --changed-deps-report, "" without packages.
func ChangedDepsText(packages []Ref, o Options) string {
	if len(packages) == 0 {
		return ""
	}
	s := "\n" + o.paint("WARN", "!!! Detected ebuild dependency change(s) without revision bump:") + "\n\n"
	for _, r := range packages {
		s += "    " + r.text() + "\n"
	}
	var lines []string
	if !o.Quiet {
		lines = []string{"",
			"NOTE: Refer to the following page for more information about dependency",
			"      change(s) without revision bump:", "",
			"          https://wiki.gentoo.org/wiki/Project:Portage/Changed_dependencies", "",
			"      In order to suppress reports about dependency changes, add",
			"      --changed-deps-report=n to the EMERGE_DEFAULT_OPTS variable in",
			"      '/etc/portage/make.conf'."}
	}
	lines = append(lines, "",
		"HINT: In order to avoid problems involving changed dependencies, use the",
		"      --changed-deps option to automatically trigger rebuilds when changed",
		"      dependencies are detected. Refer to the emerge man page for more",
		"      information about this option.")
	for _, line := range lines {
		if line != "" {
			line = o.paint("INFORM", line)
		}
		s += line + "\n"
	}
	return s
}
