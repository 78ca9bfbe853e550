package euse

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// modify changes what make.conf, or package.use, says of flags.
func (t *tool) modify() error {
	if t.named && t.pkg != "" {
		return t.modifyPackage()
	}
	path, err := t.makeConf()
	if err != nil {
		return err
	}
	if len(t.words) == 0 && t.action != "prune" {
		return &cli.UsageError{Program: "euse", Msg: "no USE flags are named"}
	}
	words, changed, err := t.changed()
	if err != nil {
		return err
	}
	if !changed {
		return &cli.FailedError{Status: cli.StatusFailure} // why was told
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("euse: %w", err)
	}
	if err := keep(path, path+".euse_backup", text); err != nil {
		return fmt.Errorf("euse: keep a copy: %w", err)
	}
	if err := replace(path, []byte(withUSE(string(text), words))); err != nil {
		return err
	}
	t.printf("%s was modified, a backup copy has been placed at %s.euse_backup\n", path, path)
	return nil
}

// keep copies a file with its mode and times.
func keep(from, to string, text []byte) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, text, info.Mode().Perm()); err != nil {
		return err
	}
	if err := os.Chmod(to, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// replace writes a file whole, with the mode that it had.
func replace(path string, text []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	if err := atomicfile.WriteFile(path, text, mode); err != nil {
		return fmt.Errorf("euse: %w", err)
	}
	return nil
}

// changed gives the words that make.conf is to have in USE.
func (t *tool) changed() (words []string, changed bool, err error) {
	words = slices.Clone(t.flags.conf)
	drop := func(w string) {
		words = slices.DeleteFunc(words, func(have string) bool { return have == w })
		_, _ = fmt.Fprintf(t.env.Err, "Removing flag \"%s\" from make.conf\n", w) // nothing can be done about it
		changed = true
	}
	for _, flag := range t.words {
		want, other, state := flag, "-"+flag, "enabled"
		if t.action == "remove" {
			want, other, state = "-"+flag, flag, "disabled"
		}
		has := func(w string) bool { return slices.Contains(words, w) }
		switch {
		case t.action == "prune" && has(flag):
			drop(flag)
		case t.action == "prune" && has("-"+flag):
			drop("-" + flag)
		case t.action == "prune":
			t.printf("WARNING: Use flag \"%s\" is not set globally\n", flag)
		case has(want):
			t.printf("WARNING: Use flag \"%s\" is already %s globally\n", flag, state)
		default:
			if has(other) {
				drop(other)
			}
			if err := t.admit(flag); err != nil {
				return nil, false, err
			}
			words = append(words, want)
			changed = true
			_, _ = fmt.Fprintf(t.env.Err, "Adding flag \"%s\" to make.conf\n", want) // as above
		}
	}
	return words, changed, nil
}

// admit refuses flags that should not be in make.conf.
func (t *tool) admit(flag string) error {
	flag = strings.TrimPrefix(flag, "-")
	switch {
	case slices.Contains(t.flags.mask, "-"+flag):
		return t.fatal("Use flag \"%s\" is masked and should not be added to make.conf.", flag)
	case !slices.Contains(t.known(t.scope), flag):
		return t.fatal("Use flag \"%s\" is not defined in use.desc and should not be added\nto make.conf.", flag)
	}
	return nil
}

// assignment is the text of USE, broken into lines.
func assignment(words []string) string {
	text := ""
	for _, w := range words {
		// The length counts the line's end as the original writes it while it works.
		if len(text)%70+len(w)+2 > 70 {
			text += "\\ \\n     "
		}
		text += w + " "
	}
	text = strings.TrimSuffix(text, " ")
	return `USE="` + strings.ReplaceAll(strings.ReplaceAll(text, "\\n", "\n"), "\\ \n", "\\\n") + "\"\n"
}

var lastLine = regexp.MustCompile(`" *(#.*)?$`)

// withUSE gives the text of a make.conf with another USE, in the place of the old one
// or at the end. Blanks around its lines are lost, as ever.
func withUSE(text string, words []string) string {
	var b strings.Builder
	inside, had := false, false
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		line = strings.Trim(line, " \t")
		if strings.HasPrefix(line, "USE=") {
			inside = true
			line = line[min(len(line), len("USE=")+1):]
		}
		switch {
		case !inside:
			b.WriteString(line + "\n")
		case lastLine.MatchString(line):
			b.WriteString(assignment(words))
			inside, had = false, true
		}
	}
	if !had {
		b.WriteString(assignment(words))
	}
	return b.String()
}

// atomParts takes an atom apart: its package, and its version with a hyphen.
var atomParts = regexp.MustCompilePOSIX(`^[<>]?=?([a-zA-Z][0-9a-zA-Z/-]+[0-9a-zA-Z])(-[0-9pr._*-]+)?`)

// modifyPackage changes what package.use says of a package.
func (t *tool) modifyPackage() error {
	cp, version := t.pkg, ""
	if m := atomParts.FindStringSubmatch(t.pkg); m != nil {
		cp, version = m[1]+strings.TrimPrefix(t.pkg, m[0]), m[2]
	}
	exists := false
	for _, r := range t.repositories() {
		if info, err := os.Stat(filepath.Join(r.Location, cp)); err == nil && info.IsDir() {
			exists = true
		}
	}
	known := t.known("")
	for _, flag := range t.words {
		if !exists {
			return t.fatal("Package \"%s\" does not exist", cp)
		}
		if !slices.Contains(known, flag) {
			t.printf("ERROR: USE flag \"%s\" does not exist\n", flag)
			continue
		}
		if err := t.modifyFlag(cp, version, flag); err != nil {
			return err
		}
	}
	return nil
}

func (t *tool) modifyFlag(cp, version, flag string) error {
	active := t.status(flag).active
	used := false
	for _, v := range t.versions(cp, flag, active) {
		used = used || v.used
		if version == "" || version == v.version {
			active = v.active
		}
	}
	operator := strings.ContainsAny(t.pkg[:1], "<>=")
	switch {
	case !used:
		t.printf("WARNING: USE flag \"%s\" is not used by %s\n", flag, t.pkg)
	case version != "" && !operator:
		t.printf("ERROR: Invalid package atom. Did you forget the leading '='?\n")
		return nil
	case version == "" && operator:
		t.printf("ERROR: Invalid package atom. Did you forget the version?\n")
		return nil
	}
	switch t.action {
	case "prune":
		if !active {
			flag = "-" + flag
		}
		return t.forget(cp, flag)
	case "remove":
		if !active {
			t.printf("WARNING: USE flag \"%s\" is already disabled for %s\n", flag, t.pkg)
		}
		return t.remember("-" + flag)
	default:
		if active && t.action == "add" {
			t.printf("WARNING: USE flag \"%s\" is already enabled for %s\n", flag, t.pkg)
		}
		return t.remember(flag)
	}
}

// remember adds a flag to package.use.
func (t *tool) remember(flag string) error {
	path := filepath.Join(t.etc, "portage/package.use")
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		_, name, _ := strings.Cut(t.pkg, "/")
		path = filepath.Join(path, name)
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			if err := replace(path, []byte(t.pkg+" "+flag+"\n")); err != nil {
				return err
			}
			t.printf("Adding \"%s[%s]\" use flag to new file %s\n", t.pkg, flag, path)
			return nil
		}
	}
	lines, err := fileLines(path)
	if err != nil {
		return err
	}
	t.printf("Adding \"%s[%s]\" use flag in \"%s\"\n", t.pkg, flag, path)
	about := regexp.MustCompile(`^[^#]*` + regexp.QuoteMeta(t.pkg) + ` `)
	added := false
	for i, l := range lines {
		if about.MatchString(l) {
			lines[i] = strings.Join(reducePackages([]string{l + " " + flag}), " ")
			added = true
		}
	}
	if !added {
		lines = append(lines, t.pkg+" "+flag)
	}
	return replace(path, []byte(strings.Join(lines, "\n")+"\n"))
}

// fileLines gives the lines of a file without blanks around them; none if there is no
// file.
func fileLines(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("euse: %w", err)
	}
	if len(text) == 0 {
		return nil, nil
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.Trim(l, " \t")
	}
	return lines, nil
}

// forget takes a flag out of package.use.
func (t *tool) forget(cp, flag string) error {
	path := filepath.Join(t.etc, "portage/package.use")
	name := regexp.QuoteMeta(cp) + `(-[0-9pr._*-]+)?`
	files, folder := []string{path}, false
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		folder = true
		about := regexp.MustCompile(`(?m)` + name + `.*[^-]` + regexp.QuoteMeta(flag) + `( |$)`)
		all, _ := filepath.Glob(filepath.Join(path, "*")) // the pattern is right
		files = slices.DeleteFunc(all, func(f string) bool {
			text, err := os.ReadFile(f)
			return err != nil || !about.Match(text)
		})
		if len(files) == 0 {
			t.printf("ERROR: %s is not defined for package %s\n", flag, t.pkg)
			return nil
		}
	}
	for _, file := range files {
		t.printf("Removing \"%s[%s]\" use flag in \"%s\"\n", t.pkg, flag, file)
		if err := scrub(file, name, strings.TrimPrefix(flag, "-")); err != nil {
			return err
		}
		if info, err := os.Stat(file); err == nil && folder && info.Size() == 0 {
			t.printf("Removing empty file %s\n", file)
			if err := os.Remove(file); err != nil {
				return fmt.Errorf("euse: %w", err)
			}
		}
	}
	return nil
}

// scrub takes a flag out of the lines about a package; lines that say nothing else go.
func scrub(file, name, flag string) error {
	lines, err := fileLines(file)
	if err != nil {
		return err
	}
	flag = regexp.QuoteMeta(flag)
	about, alone := regexp.MustCompile(name), regexp.MustCompile(name+` *-?`+flag+` *$`)
	word := regexp.MustCompile(`(^| +)-?` + flag + `( |$)`)
	var out []string
	for _, l := range lines {
		switch {
		case l == "" || strings.HasPrefix(l, "#") || !about.MatchString(l):
			out = append(out, l)
		case !alone.MatchString(l):
			if at := word.FindStringSubmatchIndex(l); at != nil {
				l = l[:at[0]] + l[at[4]:]
			}
			out = append(out, l)
		}
	}
	text := ""
	if len(out) > 0 {
		text = strings.Join(out, "\n") + "\n"
	}
	return replace(file, []byte(text))
}
