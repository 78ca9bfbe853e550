package equery

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func metaModule() *module {
	return &module{
		name: "meta", letter: "m", shown: "(m)eta", about: "display metadata about PKG",
		doc: "Display metadata about a given package.", arg: "pkgspec",
		options: [][2]string{
			{" -d, --description", "show an extended package description"},
			{" -k, --keywords", "show keywords for all matching package versions"},
			{" -l, --license", "show licenses for the best maching version"},
			{" -m, --maintainer", "show the maintainer(s) for the package"},
			{" -r, --reverse", "show the output in reverse order if applicable"},
			{" -S, --stablreq", "show STABLEREQ arches (cc's) for all matching package versions"},
			{" -u, --useflags", "show per-package USE flag descriptions"},
			{" -U, --upstream", "show package's upstream information"},
			{" -x, --xml", "show the plain metadata.xml file"},
		},
		spec: getopt.Spec{Short: "hdHklmrSuUx", Long: []string{"help", "description", "keywords", "license", "maintainer", "reverse",
			"stablereq", "useflags", "upstream", "xml"}},
		kind: metadataKind, run: meta,
	}
}

// metaShow is a call of meta; without any of its parts some of them are shown.
type metaShow struct {
	*call
	part    map[string]bool // "maintainer", ...
	reverse bool
	best    *gentoolkit.Package
	matches []*gentoolkit.Package // ascending, or descending with reverse
	xml     *gentoolkit.Metadata
}

func meta(c *call, options []getopt.Option, queries []string) error {
	part, reverse := map[string]bool{}, false
	names := map[string]string{"-d": "description", "-l": "license", "-m": "maintainer", "-k": "keywords", "-S": "stablereq",
		"-u": "useflags", "-U": "upstream", "-x": "xml"}
	for _, o := range options {
		switch o.Name {
		case "-r", "--reverse":
			reverse = true
		case "-H":
		default:
			name, ok := names[o.Name]
			if !ok {
				name = strings.TrimPrefix(o.Name, "--")
			}
			part[name] = true
		}
	}
	if len(queries) == 0 {
		return c.none()
	}
	d := &metadataDocument{Packages: []metadataObject{}}
	warned := map[string]bool{}
	first := true
	for _, text := range queries {
		m, err := c.findMeta(text)
		if none := (*gentoolkit.NoMatchError)(nil); errors.As(err, &none) && !c.data {
			if !warned[text] {
				c.warn(err.Error())
			}
			warned[text] = true
			continue
		}
		if err != nil {
			return err
		}
		if m.xml == nil {
			c.warn("Package " + m.best.CPV + " is missing metadata.xml")
			c.warn("")
			continue
		}
		m.part, m.reverse = part, reverse
		if reverse {
			slices.Reverse(m.matches)
		}
		if c.data {
			d.Packages = append(d.Packages, m.document())
			continue
		}
		if !first {
			c.out.Print("")
		}
		if err := m.show(); err != nil {
			return err
		}
		first = false
	}
	if c.data {
		return metadataKind.Write(c.env.Out, d)
	}
	return nil
}

// findMeta finds the packages that a query means, and reads the metadata.xml of the
// best one.
func (c *call) findMeta(text string) (*metaShow, error) {
	system, err := c.open()
	if err != nil {
		return nil, err
	}
	q, err := gentoolkit.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	m := &metaShow{call: c}
	if m.best, err = system.Best(q.Text); err != nil {
		return nil, err
	}
	if m.matches, err = system.FindAll(q.Text, true); err != nil {
		return nil, err
	}
	if m.best == nil || len(m.matches) == 0 {
		return nil, &gentoolkit.NoMatchError{Query: q.Text}
	}
	m.xml, err = gentoolkit.ReadMetadata(filepath.Join(m.best.Dir(), "metadata.xml"))
	if errors.Is(err, fs.ErrNotExist) {
		m.xml, err = nil, nil
	}
	return m, err
}

const blank = "             " // under what names the parts

func (m *metaShow) show() error {
	if m.verbose {
		m.out.Line(fmt.Sprintf(" * %s [%s]", m.style.CPV(m.best.CP()), m.style.Section(m.best.Repo())))
	}
	all := len(m.part) == 0
	m.showPeople(all)
	if m.part["keywords"] || all {
		m.showKeywords(all)
	}
	if m.part["description"] {
		texts := m.xml.Descriptions
		if len(texts) == 0 {
			texts = []string{m.best.TreeValue("DESCRIPTION")}
		}
		m.lines(m.list(texts, "", ""))
	}
	if m.part["useflags"] {
		var texts []string
		for _, f := range m.xml.Flags {
			texts = append(texts, m.style.Flag(f.Name, true), f.Text, "")
		}
		m.lines(m.list(texts, "", ""))
	}
	if m.part["license"] {
		m.lines(m.list([]string{m.best.Value("LICENSE")}, "", ""))
	} else if all {
		m.lines(m.list([]string{m.best.Value("LICENSE")}, "License:     ", blank))
	}
	if m.part["stablereq"] {
		m.showStableRequest()
	}
	if m.part["xml"] {
		text, err := os.ReadFile(filepath.Join(m.best.Dir(), "metadata.xml"))
		if err != nil {
			return fmt.Errorf("read metadata.xml: %w", err)
		}
		m.out.Line(strings.TrimSpace(string(text)))
	}
	return nil
}

// showPeople shows maintainers, upstream and where the ebuilds are.
func (m *metaShow) showPeople(all bool) {
	people := m.people(m.xml.Maintainers)
	switch {
	case m.part["maintainer"]:
		m.lines(m.list(people, "", ""))
	case all && len(people) == 0:
		m.out.Line("Maintainer:  None specified")
	case all:
		for _, p := range people {
			m.out.Line(m.format(p, "Maintainer:  ", blank))
		}
	}
	if m.part["upstream"] || all {
		upstream := m.upstream()
		if m.part["upstream"] {
			m.lines(m.list(upstream, "", ""))
		} else {
			m.lines(m.list(upstream, "Upstream:    ", blank))
		}
		for _, page := range strings.Fields(m.best.Value("HOMEPAGE")) {
			m.out.Line(m.format(page, "Homepage:    ", blank))
		}
	}
	if all {
		m.out.Line(m.format(m.best.Dir(), "Location:    ", blank))
	}
}

func (m *metaShow) lines(list []string) {
	for _, line := range list {
		m.out.Line(line)
	}
}

// people gives a line for each maintainer.
func (m *metaShow) people(list []gentoolkit.Maintainer) []string {
	var out []string
	for _, p := range list {
		line := p.Email
		if m.verbose {
			if p.Name != "" {
				line += " (" + p.Name + ")"
			}
			for _, more := range []string{p.Restrict, p.Description} {
				if more != "" {
					line += " - " + more
				}
			}
		}
		out = append(out, line)
	}
	return out
}

// upstream gives the lines about who makes the program.
func (m *metaShow) upstream() []string {
	var out []string
	for _, u := range m.xml.Upstreams {
		for _, p := range m.people(u.Maintainers) {
			out = append(out, m.format(p, "Maintainer:  ", blank))
		}
		for _, c := range u.Changelogs {
			out = append(out, m.format(c, "ChangeLog:   ", blank))
		}
		for _, d := range u.Documents {
			text := d.Text
			if d.Tag != "" {
				text += " (" + d.Tag + ")"
			}
			out = append(out, m.format(text, "Docs:       ", blank))
		}
		for _, b := range u.Bugs {
			out = append(out, m.format(b, "Bugs-to:     ", blank))
		}
		for _, r := range u.Remote {
			out = append(out, m.format(remote(r)+" ("+r.Tag+")", "Remote-ID:   ", blank))
		}
	}
	return out
}

// remote is the address of a project at a site, or the project's name if the site is
// not known.
func remote(r gentoolkit.Tagged) string {
	forms := map[string]string{
		"bitbucket": "https://bitbucket.org/*", "codeberg": "https://codeberg.org/*", "cpan": "https://metacpan.org/dist/*",
		"cpan-module": "https://metacpan.org/pod/*", "cran": "https://cran.r-project.org/web/packages/*/",
		"ctan": "https://ctan.org/pkg/*", "freedesktop-gitlab": "https://gitlab.freedesktop.org/*",
		"gentoo": "https://gitweb.gentoo.org/*.git/", "github": "https://github.com/*", "gitlab": "https://gitlab.com/*",
		"gnome-gitlab": "https://gitlab.gnome.org/*", "google-code": "https://code.google.com/archive/p/*/",
		"hackage": "https://hackage.haskell.org/package/*", "heptapod": "https://foss.heptapod.net/*",
		"kde-invent": "https://invent.kde.org/*", "launchpad": "https://launchpad.net/*", "osdn": "https://osdn.net/projects/*/",
		"pear": "https://pear.php.net/package/*", "pecl": "https://pecl.php.net/package/*", "pypi": "https://pypi.org/project/*/",
		"rubygems": "https://rubygems.org/gems/*/", "savannah": "https://savannah.gnu.org/projects/*",
		"savannah-nongnu": "https://savannah.nongnu.org/projects/*", "sourceforge": "https://sourceforge.net/projects/*/",
		"sourcehut": "https://sr.ht/*/", "vim": "https://www.vim.org/scripts/script.php?script_id=*",
	}
	if form, ok := forms[r.Tag]; ok {
		return strings.ReplaceAll(form, "*", r.Text)
	}
	return r.Text
}

// list formats several texts, the first with first before it. Nothing is said of no
// texts at all unless people read it.
func (m *metaShow) list(texts []string, first, subsequent string) []string {
	if len(texts) == 0 {
		if m.verbose {
			return []string{first + "None specified"}
		}
		return nil
	}
	out := []string{m.format(texts[0], first, subsequent)}
	for _, t := range texts[1:] {
		if t != "" {
			t = m.format(t, subsequent, subsequent)
		}
		out = append(out, t)
	}
	return out
}

// format sets first before a text and subsequent before its other lines. Lines that
// are too long are wrapped as one paragraph.
func (m *metaShow) format(text, first, subsequent string) string {
	if text == "" {
		return first + "None specified"
	}
	lines := strings.Split(strings.Trim(gentoolkit.ExpandTabs(text), "\n"), "\n")
	widest := 0
	for _, l := range lines {
		widest = max(widest, len([]rune(l)))
	}
	if widest+max(len(first), len(subsequent)) > m.width {
		w := gentoolkit.Wrapper{Width: m.width, First: first, Subsequent: subsequent}
		return w.Fill(strings.Join(strings.Fields(strings.Join(lines, " ")), " "))
	}
	last := len(lines) - 1
	lines[0] = first + lines[0]
	for i := 1; i <= last; i++ {
		lines[i] = subsequent + lines[i]
	}
	for i := 0; i < last; i++ {
		lines[i] += "\n"
	}
	if strings.TrimSpace(lines[last]) == "" {
		lines = lines[:last]
	}
	return strings.Join(lines, "")
}
