package checkroot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/linkage"
	"github.com/tumpline/tumpline/merge/vdb"
)

type packageDoc struct {
	Package  string        `json:"package" jsonschema:"CATEGORY/PF"`
	Provides []providedDoc `json:"provides" jsonschema:"libraries, by category and soname"`
	Requires []requiredDoc `json:"requires" jsonschema:"libraries, by category and soname"`
	Contents []contentDoc  `json:"contents" jsonschema:"the files, in the order of CONTENTS; null unless --files asks for them"`
}

type providedDoc struct {
	Category string   `json:"category" jsonschema:"multilib category, such as x86_64"`
	Soname   string   `json:"soname"`
	Files    []string `json:"files" jsonschema:"the libraries, where that is recorded"`
}

type requiredDoc struct {
	Category  string   `json:"category" jsonschema:"multilib category, such as x86_64"`
	Soname    string   `json:"soname"`
	Files     []string `json:"files" jsonschema:"what needs it, where that is recorded"`
	Providers []string `json:"providers" jsonschema:"CATEGORY/PF of the packages that provide it"`
	State     string   `json:"state" jsonschema:"provided, configured (soname.provided of the profile), ignored or missing"`
}

type contentDoc struct {
	Kind   string  `json:"kind" jsonschema:"as in CONTENTS: obj, dir, sym, fif or dev"`
	Path   string  `json:"path" jsonschema:"absolute below the root"`
	MD5    *string `json:"md5" jsonschema:"of obj; else null"`
	MTime  *int64  `json:"mtime" jsonschema:"of obj and sym, seconds since 1970; else null"`
	Target *string `json:"target" jsonschema:"of sym; else null"`
}

// packages looks at what is recorded of the installed packages.
func (c *call) packages(libs, usr bool) error {
	all, err := c.db.All()
	if err != nil {
		return err
	}
	configured := func(ebuild.Soname) bool { return false }
	if libs {
		config, err := session.LoadConfig(c.sources)
		if err != nil {
			return fmt.Errorf("read configuration: %w", err)
		}
		configured = func(s ebuild.Soname) bool { return config.SonameProvided(s.Category + ": " + s.Name) }
	}
	providers := map[ebuild.Soname][]string{}
	provided := make([][]ebuild.Soname, len(all))
	for i, p := range all {
		if provided[i], err = sonames(p, "PROVIDES"); err != nil {
			return err
		}
		for _, s := range provided[i] {
			providers[s] = append(providers[s], p.CPV.String())
		}
	}
	for i, p := range all {
		d := packageDoc{Package: p.CPV.String(), Provides: []providedDoc{}, Requires: []requiredDoc{}}
		objects := c.objects(p)
		for _, s := range provided[i] {
			d.Provides = append(d.Provides, providedDoc{s.Category, s.Name, objects.with(s, func(e *linkage.Entry) bool { return e.Soname == s.Name })})
		}
		required, err := sonames(p, "REQUIRES")
		if err != nil {
			return err
		}
		ignored := c.ignored.mayLack(p)
		for _, s := range required {
			r := requiredDoc{
				Category: s.Category, Soname: s.Name, Providers: append([]string{}, providers[s]...), State: "missing",
				Files: objects.with(s, func(e *linkage.Entry) bool { return slices.Contains(e.Needed, s.Name) }),
			}
			switch {
			case len(r.Providers) > 0:
				r.State = "provided"
			case configured(s):
				r.State = "configured"
			case ignored[s]:
				r.State = "ignored"
			}
			d.Requires = append(d.Requires, r)
		}
		c.doc.Packages = append(c.doc.Packages, d)
	}
	if libs {
		c.missing()
	}
	for i, p := range all {
		if !usr && !c.files {
			break
		}
		contents, problems := c.db.Contents(p)
		for _, problem := range problems {
			_, _ = fmt.Fprintf(c.env.Err, "tumpline check-root: %v\n", problem)
		}
		if c.files {
			c.doc.Packages[i].Contents = documents(contents)
		}
		if usr {
			c.conflicts(p, contents)
		}
	}
	return nil
}

// sonames reads PROVIDES or REQUIRES, sorted.
func sonames(p *ebuild.Package, key string) ([]ebuild.Soname, error) {
	list, err := ebuild.ParseSonames(p.Raw(key))
	if err != nil {
		return nil, fmt.Errorf("%s/%s: %w", p.Path, key, err)
	}
	slices.SortFunc(list, func(a, b ebuild.Soname) int {
		return cmp.Or(strings.Compare(a.Category, b.Category), strings.Compare(a.Name, b.Name))
	})
	return slices.Compact(list), nil
}

// objects are the ELF objects of a package as NEEDED.ELF.2 has them.
type objects []linkage.Entry

func (c *call) objects(p *ebuild.Package) objects {
	var list objects
	for line := range strings.Lines(p.Raw("NEEDED.ELF.2")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		e, err := linkage.ParseEntry(line)
		if err != nil {
			_, _ = fmt.Fprintf(c.env.Err, "tumpline check-root: %s/NEEDED.ELF.2: %v\n", p.Path, err)
			continue
		}
		list = append(list, e)
	}
	return list
}

// with lists the files of a multilib category for which something holds, sorted.
func (o objects) with(s ebuild.Soname, holds func(*linkage.Entry) bool) []string {
	files := []string{}
	for i := range o {
		if o[i].MultilibCategory() == s.Category && holds(&o[i]) {
			files = append(files, o[i].File)
		}
	}
	slices.Sort(files)
	return files
}

// missing makes findings of the libraries that are missing.
func (c *call) missing() {
	for i := range c.doc.Packages {
		p := &c.doc.Packages[i]
		for j := range p.Requires {
			if r := &p.Requires[j]; r.State == "missing" {
				c.doc.Findings = append(c.doc.Findings, Finding{
					Check: "libs", Package: &p.Package, Category: &r.Category, Soname: &r.Soname,
					Files: r.Files, Owners: []string{p.Package},
				})
			}
		}
	}
}

func documents(contents []vdb.Content) []contentDoc {
	out := []contentDoc{}
	for _, e := range contents {
		kind, _, _ := strings.Cut(e.String(), " ")
		d := contentDoc{Kind: kind, Path: e.Path}
		if e.Kind == vdb.KindFile {
			d.MD5, d.MTime = &e.MD5, &e.MTime
		}
		if e.Kind == vdb.KindSymlink {
			d.Target, d.MTime = &e.Target, &e.MTime
		}
		out = append(out, d)
	}
	return out
}

// usrLinks are the folders of the root that a merged /usr makes links.
func usrLinks() []string { return []string{"/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/"} }

// conflicts finds files of a package that are both in /usr and beside it.
func (c *call) conflicts(p *ebuild.Package, contents []vdb.Content) {
	beside, inside := map[string]bool{}, map[string]bool{}
	for _, e := range contents {
		if e.Kind != vdb.KindFile && e.Kind != vdb.KindSymlink {
			continue
		}
		path, ofUsr := strings.CutPrefix(e.Path, "/usr")
		if !slices.ContainsFunc(usrLinks(), func(dir string) bool { return strings.HasPrefix(path, dir) }) {
			continue
		}
		if ofUsr {
			inside[path] = true
		} else {
			beside[path] = true
		}
	}
	var both []string
	for path := range beside {
		if inside[path] {
			both = append(both, path)
		}
	}
	slices.Sort(both)
	name := p.CPV.String()
	for _, path := range both {
		c.doc.Findings = append(c.doc.Findings, Finding{Check: "usr", Package: &name, Path: &path, Files: []string{}, Owners: []string{name}})
	}
}
