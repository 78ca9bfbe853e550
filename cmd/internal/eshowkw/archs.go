package eshowkw

import (
	"bufio"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// status is what the main repository says of an architecture.
type status struct {
	profiles string // the best state of its profiles: stable, dev, exp; empty: none
	testing  bool   // packages are never made stable for it
}

// columns gives the architectures to show, in order: those with stable profiles first,
// prefixes last.
func (s *show) columns() []string {
	s.status = s.readStatus()
	archs := slices.Clone(s.system.Root.Config.Words("PORTAGE_ARCHLIST"))
	if wanted := slices.DeleteFunc(slices.Clone(archs), func(a string) bool { return !slices.Contains(s.options.archs, a) }); len(wanted) > 0 {
		archs = wanted
	}
	if !s.prefix {
		archs = slices.DeleteFunc(archs, isPrefix)
	}
	slices.SortStableFunc(archs, func(a, b string) int {
		return cmp.Or(order(isPrefix(a), isPrefix(b)), order(s.status[a].testing, s.status[b].testing),
			cmp.Compare(s.level(a), s.level(b)), cmp.Compare(strings.Count(a, "-"), strings.Count(b, "-")),
			slices.Compare(reversed(a), reversed(b)))
	})
	return archs
}

// order sorts what is not so before what is.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func isPrefix(arch string) bool {
	_, system, ok := strings.Cut(arch, "-")
	system, _, _ = strings.Cut(system, "-")
	return ok && system != "fbsd"
}

// reversed gives the parts of an architecture, the last one first.
func reversed(arch string) []string {
	parts := strings.Split(arch, "-")
	slices.Reverse(parts)
	return parts
}

func (s *show) level(arch string) int {
	switch s.status[arch].profiles {
	case "stable", "dev":
		return 0
	case "exp":
		return 1
	}
	return 99
}

// readStatus reads arch.list, profiles.desc and arches.desc of the main repository.
// Files that are not there say nothing.
func (s *show) readStatus() map[string]status {
	profiles := filepath.Join(s.system.MainLocation(), "profiles")
	out := map[string]status{}
	lists, _ := words(filepath.Join(profiles, "arch.list"))
	for _, w := range lists {
		out[strings.Join(w, " ")] = status{}
	}
	rank := []string{"stable", "dev", "exp", ""}
	states, _ := words(filepath.Join(profiles, "profiles.desc"))
	for _, w := range states {
		if len(w) != 3 || !slices.Contains(rank, w[2]) {
			continue
		}
		if slices.Index(rank, w[2]) < slices.Index(rank, out[w[0]].profiles) {
			out[w[0]] = status{profiles: w[2]}
		}
	}
	testing := map[string]bool{}
	if archs, ok := words(filepath.Join(profiles, "arches.desc")); ok {
		for _, w := range archs {
			testing[w[0]] = len(w) == 2 && w[1] == "testing"
		}
	} else {
		for _, a := range []string{"alpha", "ia64", "m68k", "mips", "riscv"} {
			testing[a] = true
		}
		for a := range out {
			testing[a] = testing[a] || strings.Contains(a, "-")
		}
	}
	for a, st := range out {
		st.testing = testing[a]
		out[a] = st
	}
	return out
}

// words reads the words of each line of a file, comments left out.
func words(file string) ([][]string, bool) {
	f, err := os.Open(file)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	var out [][]string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if w := strings.Fields(text); len(w) > 0 {
			out = append(out, w)
		}
	}
	return out, lines.Err() == nil
}
