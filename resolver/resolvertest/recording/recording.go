// Package recording writes a resolver case from an answer: a world in which the
// same request has the same answer, with everything that the resolver looked at.
//
// Configuration is not copied but flattened: what a profile and the files of the
// user come to for each package is written as lines about exactly that package.
// The world therefore needs none of the repositories and profiles that the
// answer came from, and shows what mattered. It does not show where a setting
// came from, and says nothing about packages that the request did not reach.
//
// What cannot be recorded is refused or told by Limits.
package recording

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A Request is a request as it was resolved.
type Request struct {
	Args    []string // atoms with their category, sets with "@"
	Options resolvertest.Options
	Result  *resolver.Result
}

// Limits says what a recording does not hold, one sentence each.
func Limits() []string {
	return []string{
		"Packages and sets that the request did not look at are not in the file; another request in the same world may have another answer.",
		"Settings are written for each package as they came out, not where they were made: profiles, USE, ACCEPT_KEYWORDS, masks and licences become lines about single versions.",
		"Sets become lists of what was in them; a set of the user's must not have the name of a stock set that is declared otherwise.",
		"Ebuilds are their dependencies and flags; sources, sizes, descriptions and phases are left out, and so are eclasses.",
		"Masks keep their kind but not their place or comment, and of package.env only the outcome is kept.",
		"Only requests to merge are recorded, not removals; paths of ebuilds and binary packages as arguments are refused.",
	}
}

// Make returns the world of one request with the answer as its demand.
func Make(r *Request) (*resolvertest.Playground, error) {
	if r.Result.Pass == nil {
		return nil, fmt.Errorf("record: the request has no answer")
	}
	c := &recorder{res: r.Result, p: &resolvertest.Playground{}}
	c.p.Definition.EAPI = "8"
	c.packages()
	c.sets(r.Args)
	for _, u := range r.Result.Universe.Roots {
		c.root(u)
	}
	c.repositories()
	answer := adapter.Translate(r.Result)
	c.p.Cases = []*resolvertest.Case{{
		Requests: [][]string{r.Args}, Options: r.Options, CheckRepoNames: true,
		Lines: answer.ExpectLines(resolvertest.KindMerge),
	}}
	return c.p, nil
}

// recorder is the working state of one Make.
type recorder struct {
	res *resolver.Result
	p   *resolvertest.Playground
	// reached are the ebuilds and binary packages of each root, in order.
	reached map[*universe.Root][]*universe.Pkg
	repos   []string   // names, in order of their first package
	members []atoms.CP // names in sets and arguments
}

// packages collects what the universe has come to know.
func (c *recorder) packages() {
	d, u := &c.p.Definition, c.res.Universe
	c.reached = make(map[*universe.Root][]*universe.Pkg)
	d.TargetRoot = u.Target != u.Running
	d.SysrootTarget = d.TargetRoot && u.Sysroot == u.Target
	if d.TargetRoot {
		d.InstalledTo = []resolvertest.Package{}
	}
	seen := make(map[*ebuild.Package]bool)
	for _, p := range c.known() {
		if !p.Installed() {
			c.reached[p.Root] = append(c.reached[p.Root], p)
			if seen[p.Package] {
				continue
			}
			seen[p.Package] = true
		}
		entry := resolvertest.Package{CPV: p.CPV.String(), Metadata: metadata(p.Package)}
		if p.Repo != resolvertest.MainRepo {
			entry.CPV += "::" + p.Repo
		}
		switch {
		case p.Origin == ebuild.OriginEbuild:
			d.Ebuilds = append(d.Ebuilds, entry)
			if !slices.Contains(c.repos, p.Repo) {
				c.repos = append(c.repos, p.Repo)
			}
		case p.Origin == ebuild.OriginBinary:
			c.binary(p, entry)
		case d.TargetRoot && p.Root == u.Target:
			d.InstalledTo = append(d.InstalledTo, entry)
		default:
			d.Installed = append(d.Installed, entry)
		}
	}
	slices.Sort(c.repos)
}

// known returns all instances of packages, by name and version.
func (c *recorder) known() []*universe.Pkg {
	var list []*universe.Pkg
	for id := range c.res.Universe.Len() {
		if p := c.res.Universe.Pkg(universe.ID(id)); p != nil && !p.OnlyDeps {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, (*universe.Pkg).Compare)
	return list
}

func (c *recorder) binary(p *universe.Pkg, entry resolvertest.Package) {
	d := &c.p.Definition
	if p.Remote == "" {
		d.Binpkgs = append(d.Binpkgs, entry)
		return
	}
	for i := range d.Binrepos {
		if d.Binrepos[i].Name == p.Remote {
			d.Binrepos[i].Packages = append(d.Binrepos[i].Packages, entry)
			return
		}
	}
	d.Binrepos = append(d.Binrepos, resolvertest.Binrepo{Name: p.Remote, Packages: []resolvertest.Package{entry}})
}

// keys of metadata that the resolver reads; those of built packages alone last.
var keys = [...]string{
	"EAPI", "SLOT", "KEYWORDS", "IUSE", "LICENSE", "REQUIRED_USE", "BDEPEND", "DEPEND", "RDEPEND", "IDEPEND", "PDEPEND", "PROPERTIES", "RESTRICT",
}

var builtKeys = [...]string{"USE", "BUILD_TIME", "BUILD_ID", "COUNTER", "CHOST", "REQUIRES", "PROVIDES"}

// metadata returns what a world has to say about a package.
func metadata(p *ebuild.Package) map[string]string {
	m := make(map[string]string)
	set := func(key string) {
		if v := strings.Join(strings.Fields(p.Raw(key)), " "); v != "" {
			m[key] = v
		}
	}
	for _, key := range keys {
		set(key)
	}
	m["EAPI"] = p.EAPIName
	if p.Origin.Built() {
		for _, key := range builtKeys {
			set(key)
		}
		if m["KEYWORDS"] == "" {
			m["KEYWORDS"] = ""
		}
		return m
	}
	for _, key := range [...]string{"KEYWORDS", "RDEPEND"} {
		if m[key] == "" {
			m[key] = "" // else the world would put its default there
		}
	}
	for key, v := range m {
		m[key] = strings.NewReplacer(`\`, `\\`, "$", `\$`, "`", "\\`").Replace(v)
	}
	return m
}

// repositories keeps the priorities of repositories, and that none of them is
// the main one of the world.
func (c *recorder) repositories() {
	var lines []string
	for _, name := range c.repos {
		for _, r := range c.res.System.Target.Repos {
			if r.Name == name {
				lines = append(lines, "["+name+"]", fmt.Sprintf("priority = %d", r.Priority))
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	d := &c.p.Definition
	d.UserConfig["repos.conf"] = lines
	if d.RunningConfig != nil {
		d.RunningConfig["repos.conf"] = lines
	}
}
