package euse

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles/shellconf"
)

// flags is what each place says of USE: words with "-" before what is off.
type flags struct {
	env, conf, defaults, globals []string
	mask                         []string // masked flags, each with "-"
	force                        []string
	packages                     []string // lines of package.use, each package once
}

// reduce keeps the last word about each flag, where it stands.
func reduce(words []string) []string {
	var out []string
	for _, w := range words {
		other := "-" + w
		if strings.HasPrefix(w, "-") {
			other = w[1:]
		}
		switch i := slices.Index(out, other); {
		case i >= 0:
			out = append(slices.Delete(out, i, i+1), w)
		case w == "-*":
			out = []string{w}
		case !slices.Contains(out, w):
			out = append(out, w)
		}
	}
	return out
}

// reduceMasks keeps one word about each flag: one that takes back a mask counts more,
// wherever it stands.
func reduceMasks(words []string) []string {
	var out []string
	for _, w := range words {
		positive, negative := strings.CutPrefix(w, "-")
		switch i := slices.Index(out, positive); {
		case negative && i >= 0:
			out = append(slices.Delete(out, i, i+1), w)
		case w == "-*":
			out = []string{w}
		case !slices.Contains(out, w) && !slices.Contains(out, "-"+w):
			out = append(out, w)
		}
	}
	return out
}

var flagWord = regexp.MustCompile(`-?[\w*-]+`)

// reducePackages joins the lines about each package.
func reducePackages(lines []string) []string {
	var order []string
	about := map[string][]string{}
	for _, l := range lines {
		name, rest, ok := strings.Cut(strings.TrimLeft(l, " \t"), " ")
		if !ok {
			continue
		}
		if _, seen := about[name]; !seen {
			order = append(order, name)
		}
		about[name] = reduce(append(about[name], flagWord.FindAllString(rest, -1)...))
	}
	var out []string
	for _, name := range order {
		if len(about[name]) > 0 {
			out = append(out, name+" "+strings.Join(about[name], " "))
		}
	}
	return out
}

// readFlags reads every place. What a shell would not understand is an error, what is
// not there says nothing.
func (t *tool) readFlags() (*flags, error) {
	f := &flags{env: reduce(strings.Fields(t.env.Vars["USE"]))}
	var err error
	confs := []string{filepath.Join(t.etc, "make.conf"), filepath.Join(t.etc, "portage/make.conf")}
	more, _ := filepath.Glob(filepath.Join(t.etc, "portage/make.conf/*")) // the pattern is right
	if f.conf, err = assigned(append(confs, more...)); err != nil {
		return nil, err
	}
	var defaults, masks, forces []string
	for _, n := range t.system.Root.Config.Nodes {
		if !n.User {
			defaults, masks, forces = append(defaults, n.Join("make.defaults")), append(masks, n.Join("use.mask")), append(forces, n.Join("use.force"))
		}
	}
	if f.defaults, err = assigned(defaults); err != nil {
		return nil, err
	}
	globals := filepath.Join(t.etc, "../usr/share/portage/config/make.globals")
	if _, err := os.Stat(globals); err != nil {
		globals = filepath.Join(t.etc, "make.globals")
	}
	if f.globals, err = assigned([]string{globals}); err != nil {
		return nil, err
	}
	for _, w := range reduceMasks(listed(masks)) {
		if !strings.HasPrefix(w, "-") {
			f.mask = append(f.mask, "-"+w)
		}
	}
	f.force = reduce(listed(forces))
	f.packages = reducePackages(t.packageUse())
	return f, nil
}

// assigned gives the words of USE in some files, one after the other.
func assigned(paths []string) ([]string, error) {
	var words []string
	vars := shellconf.Env{}
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			continue
		}
		_, err := shellconf.ReadFile(path, shellconf.Options{Env: vars, Source: true, Tolerant: true})
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		words = append(words, strings.Fields(vars["USE"])...)
	}
	return reduce(words), nil
}

// listed gives the words of files without their comment lines.
func listed(paths []string) []string {
	var words []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for _, l := range strings.Split(string(text), "\n") {
			if !strings.HasPrefix(l, "#") {
				words = append(words, strings.Fields(l)...)
			}
		}
	}
	return words
}

var comment = regexp.MustCompile(` *#.*$`)

// packageUse gives the lines of package.use without comments.
func (t *tool) packageUse() []string {
	path := filepath.Join(t.etc, "portage/package.use")
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		files, _ = filepath.Glob(filepath.Join(path, "*")) // the pattern is right
	}
	var out []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, l := range strings.Split(string(text), "\n") {
			out = append(out, comment.ReplaceAllString(l, ""))
		}
	}
	return out
}

// sign says what words say of a flag: letter if it is on, its small form if it is off,
// a blank if they say nothing.
func sign(words []string, flag, letter string) string {
	for _, w := range words {
		switch strings.TrimPrefix(w, "+") {
		case flag:
			return letter
		case "-" + flag:
			return strings.ToLower(letter)
		}
	}
	return " "
}

// A flagStatus is how a flag stands, and the text that says so.
type flagStatus struct {
	active bool
	text   string // "[+ECDGFM] "
}

// status gives how a flag stands. The first place that says something decides.
func (t *tool) status(flag string) flagStatus {
	f := t.flags
	e, c, d := sign(f.env, flag, "E"), sign(f.conf, flag, "C"), sign(f.defaults, flag, "D")
	g, m, force := sign(f.globals, flag, "G"), sign(f.mask, flag, "M"), sign(f.force, flag, "F")
	s := flagStatus{}
	for i, place := range []string{e, c, d, g, force, m} {
		if place != " " {
			s.active = place == string("ECDGFM"[i])
			break
		}
	}
	mark := "-"
	if s.active {
		mark = "+"
	}
	s.text = "[" + mark + e + c + d + g + force + m + "] "
	return s
}
