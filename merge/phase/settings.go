package phase

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild/bash"
)

// settings writes the assignments that a phase's shell reads first.
func (b *Build) settings(p Phase, s session) string {
	var w strings.Builder
	metadataWords := strings.Fields(metadataNames)
	var readonly []string
	for _, name := range slices.Sorted(maps.Keys(s.vars)) {
		v := s.vars[name]
		if !validName(name) || strings.Contains(v.value, "\x00") {
			continue // no shell could hold it
		}
		flag := "-x"
		if v.private {
			flag = "--"
		}
		fmt.Fprintf(&w, "declare %s %s=%s\n", flag, name, bash.Quote(v.value))
		switch {
		case contains(metadataWords, name): // the ebuild sets them first
		case v.readonly:
			readonly = append(readonly, name)
		}
	}
	fmt.Fprintf(&w, "___nonce=%s ___result=%d ___saved=%s ___source=%s ___empty=%s\n",
		s.nonce, resultFD, bash.Quote(s.saved), bash.Quote(s.source), bash.Quote(b.Dir.Empty()))
	fmt.Fprintf(&w, "___readonly_metadata=%s\n", bash.Quote("readonly "+strings.Join(metadataWords, " ")))
	fmt.Fprintf(&w, "___iuse=%s ___defined_so_far=%s ___recorded=%s ___readonly=%s\n", bash.Quote(" "+strings.Join(b.IUSEEffective, " ")+" "),
		bash.Quote(strings.Join(b.definedUpTo(p), " ")), bash.Quote(strings.Join(strings.Fields(recorded+" QA_AM_MAINTAINER_MODE EPREFIX QA_SONAME_NO_SYMLINK "+listed), " ")),
		bash.Quote("readonly "+strings.Join(readonly, " ")))
	w.WriteString("___bashrcs=(")
	for _, file := range b.Bashrcs {
		w.WriteString(bash.Quote(file) + " ")
	}
	w.WriteString(")\ndeclare -A ___eclass_path=(")
	if s.source != "" {
		for _, name := range slices.Sorted(maps.Keys(b.Eclasses)) {
			w.WriteString("[" + bash.Quote(name) + "]=" + bash.Quote(b.Eclasses[name]) + " ")
		}
	}
	w.WriteString(")\n")
	if p == Check {
		fmt.Fprintf(&w, "___checks=(%s) ___hooks=(%s)\n", quoted(s.checks.Scripts), quoted(s.checks.Hooks))
	}
	if p == Install {
		b.lists(&w)
	}
	return w.String()
}

// quoted gives words of the shell.
func quoted(list []string) string {
	var w strings.Builder
	for _, word := range list {
		w.WriteString(bash.Quote(word) + " ")
	}
	return w.String()
}

// lists are what docompress and dostrip start from.
func (b *Build) lists(w *strings.Builder) {
	fmt.Fprintf(w, "PORTAGE_DOCOMPRESS=(/usr/share/{doc,info,man}) PORTAGE_DOCOMPRESS_SKIP=(%s)\nexport PORTAGE_DOCOMPRESS_SIZE_LIMIT=128\n",
		bash.Quote("/usr/share/doc/"+b.PF()+"/html"))
	strip := "/"
	if b.restricted("strip") {
		strip = ""
	}
	fmt.Fprintf(w, "PORTAGE_DOSTRIP=(%s) PORTAGE_DOSTRIP_SKIP=()\n", strip)
}

// definedUpTo lists the phases, up to one, that the ebuild defines: without any
// and without files to unpack, a missing S is no error.
func (b *Build) definedUpTo(p Phase) []string {
	var out []string
	for q := Unpack; q <= min(p, Install); q++ {
		if contains(b.DefinedPhases, q.String()) {
			out = append(out, q.String())
		}
	}
	return out
}

// validName says whether a shell variable can have the name.
func validName(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// private writes the variables that are not exported (EAPI 9), for the commands
// that are programs.
func (v vars) privateText() string {
	var w strings.Builder
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if v[name].private && validName(name) {
			fmt.Fprintf(&w, "%s=%s\n", name, bash.Quote(v[name].value))
		}
	}
	return w.String()
}
