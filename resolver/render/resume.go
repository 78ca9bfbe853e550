package render

import "strings"

// A Resumed is what is to be told about a list of merges that is gone on with.
type Resumed struct {
	Tasks   []string // the list as it was read, for the failure with --verbose
	Dropped []DroppedMerge
	Unmet   []UnmetMerge // why the list cannot be resumed
}

// A DroppedMerge is a merge that was left out.
type DroppedMerge struct {
	Package string
	Atoms   string // what it lacks, separated by commas; empty: it is masked
}

// An UnmetMerge is a merge that cannot be made and not be left out.
type UnmetMerge struct {
	Package, Atom string // no atom: the package is masked
}

// NothingToResume is what emerge says if there is no list.
func NothingToResume(o Options) string {
	return o.paint("darkgreen", "emerge: It seems we have nothing to resume...") + "\n"
}

// UnexpectedArguments is what emerge says to --resume with arguments.
func UnexpectedArguments(args []string) string {
	return "emerge: unexpected argument(s) for --resume: " + strings.Join(args, " ") + "\n"
}

// Text returns what goes to standard error.
func (r *Resumed) Text(o Options) string {
	var b strings.Builder
	if len(r.Unmet) > 0 {
		r.failure(&b, &o)
		return b.String()
	}
	if len(r.Dropped) == 0 {
		return ""
	}
	b.WriteString("!!! One or more packages have been dropped due to\n!!! masking or unsatisfied dependencies:\n\n")
	for _, d := range r.Dropped {
		if d.Atoms == "" {
			b.WriteString("  " + d.Package + " is masked or unavailable\n")
		} else {
			b.WriteString("  " + d.Package + " requires " + d.Atoms + "\n")
		}
	}
	b.WriteString("\n")
	return b.String()
}

func (r *Resumed) failure(b *strings.Builder, o *Options) {
	line := func(text string) { b.WriteString(" " + o.paint("BAD", "*") + " " + text + "\n") }
	if len(r.Tasks) > 0 && o.Verbose && !o.Quiet {
		line("Invalid resume list:")
		line("")
		for _, t := range r.Tasks {
			line("  " + t)
		}
		line("")
	}
	line("One or more packages are either masked or have missing dependencies:")
	line("")
	for _, u := range r.Unmet {
		if u.Atom == "" {
			line("  Masked package:")
		} else {
			line("  " + u.Atom + " pulled in by:")
		}
		line("    " + u.Package)
		line("")
	}
	for _, text := range wrap("The resume list contains packages that are either masked or have unsatisfied dependencies. "+
		"Please restart/continue the operation manually, or use --skipfirst to skip the first package in the list and "+
		"any other packages that may be masked or have missing dependencies.", 72) {
		line(text)
	}
}
