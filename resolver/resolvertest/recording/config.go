package recording

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/universe"
)

// root writes the configuration of one root.
func (c *recorder) root(u *universe.Root) {
	d := &c.p.Definition
	root := c.res.System.Running
	if u.Target {
		root = c.res.System.Target
	}
	f := &flattening{root: root, profile: d.Profile, user: make(map[string][]string)}
	if !u.Target {
		f.profile = make(map[string][]string)
		if m := c.set(root, sets.System); m != nil && len(m.Atoms) > 0 {
			f.profile["packages"] = starred(m)
		}
	}
	f.defaults()
	f.makeConf()
	for _, p := range c.reached[u] {
		f.keywords(p)
		f.masks(p)
		if !p.Built() {
			f.flags(p)
		}
	}
	f.provided(c.reached[u], c.members)
	f.implicit(c.reached[u])
	if u.Target {
		d.Profile, d.UserConfig = f.profile, f.user
	} else {
		d.RunningProfile, d.RunningConfig = f.profile, f.user
	}
}

// flattening writes a configuration as lines about single packages.
type flattening struct {
	root          *resolver.Root
	profile, user map[string][]string
	accepted      []string // plain keywords that are accepted for every package
}

func (f *flattening) addUser(file string, words ...string) {
	f.user[file] = append(f.user[file], strings.Join(words, " "))
}

func (f *flattening) addProfile(file string, words ...string) {
	f.profile[file] = append(f.profile[file], strings.Join(words, " "))
}

// variables of the profile that say which flags there are without being listed.
var variables = [...]string{
	"ARCH", "IUSE_IMPLICIT", "USE_EXPAND", "USE_EXPAND_HIDDEN", "USE_EXPAND_IMPLICIT", "USE_EXPAND_UNPREFIXED",
}

// defaults writes make.defaults of the profile.
func (f *flattening) defaults() {
	c := f.root.Config
	names := slices.Clone(variables[:])
	for _, name := range c.Words("USE_EXPAND_IMPLICIT") {
		names = append(names, "USE_EXPAND_VALUES_"+name)
		if !slices.Contains(c.Words("USE_EXPAND_UNPREFIXED"), name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		value := c.Get(name)
		if name == "ARCH" {
			value = c.Arch()
		}
		if value != "" {
			f.addProfile("make.defaults", assign(name, value))
		}
	}
	f.profile["use.force"] = []string{}
}

func assign(name, value string) string {
	value = strings.Join(strings.Fields(value), " ")
	return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(value) + `"`
}

// features are words of FEATURES that change plans, beside those that only
// change flags.
var features = [...]string{"buildpkg", "buildpkg-live", "buildpkg-proactive", "pkgdir-index-trusted"}

// makeConf writes make.conf. Everything that single packages differ in is
// accepted in general and taken back for them.
func (f *flattening) makeConf() {
	c := f.root.Config
	for _, w := range c.Words("ACCEPT_KEYWORDS") {
		if !strings.HasPrefix(w, "-") {
			f.accepted = append(f.accepted, w)
		}
	}
	f.addUser("make.conf", assign("ACCEPT_KEYWORDS", "-* "+strings.Join(f.accepted, " ")))
	for _, name := range [...]string{"ACCEPT_LICENSE", "ACCEPT_PROPERTIES", "ACCEPT_RESTRICT"} {
		f.addUser("make.conf", assign(name, "*"))
	}
	for _, name := range [...]string{"CHOST", "ACCEPT_CHOSTS"} {
		if v := c.Get(name); v != "" {
			f.addUser("make.conf", assign(name, v))
		}
	}
	var on []string
	for _, w := range features {
		if c.Feature(w) {
			on = append(on, w)
		}
	}
	if len(on) > 0 {
		f.addUser("make.conf", `FEATURES="${FEATURES} `+strings.Join(on, " ")+`"`)
	}
}

// exact returns the atom of one version of a repository.
func exact(p *universe.Pkg) string { return "=" + p.CPV.String() + "::" + p.Repo }

// keywords keeps whether the keywords of a package are accepted.
func (f *flattening) keywords(p *universe.Pkg) {
	if p.EAPI == nil {
		return
	}
	plain := slices.ContainsFunc(p.Keywords, func(k string) bool { return slices.Contains(f.accepted, k) })
	v := p.Verdict()
	switch refused := v.Find(visibility.KindKeywords) != nil; {
	case !refused && !plain:
		f.line("package.accept_keywords", exact(p), "**")
	case refused && plain:
		f.line("package.accept_keywords", exact(p), "-*")
	}
}

// line adds a line to a file of the user, once.
func (f *flattening) line(file string, words ...string) {
	if text := strings.Join(words, " "); !slices.Contains(f.user[file][max(0, len(f.user[file])-8):], text) {
		f.user[file] = append(f.user[file], text)
	}
}

// masks keeps the masks of a package by their kinds.
func (f *flattening) masks(p *universe.Pkg) {
	for _, r := range p.Verdict().Reasons {
		switch r.Kind {
		case visibility.KindMask:
			f.line("package.mask", exact(p))
		case visibility.KindLicense:
			f.line("package.license", append([]string{exact(p)}, negative(r.Licenses)...)...)
		case visibility.KindProperties:
			f.line("package.properties", append([]string{exact(p)}, negative(r.Words)...)...)
		case visibility.KindRestrict:
			f.line("package.accept_restrict", append([]string{exact(p)}, negative(r.Words)...)...)
		}
	}
}

func negative(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "-" + w
	}
	return out
}

// flags keeps the USE flags of an ebuild: forced and masked ones in the
// profile, all of them in package.use.
func (f *flattening) flags(p *universe.Pkg) {
	s := p.State()
	var use, force, mask []string
	for _, flag := range s.IUSE() {
		switch {
		case s.Masked(flag):
			mask = append(mask, flag)
		case s.Forced(flag):
			force = append(force, flag)
		}
		if s.Enabled(flag) {
			use = append(use, flag)
		} else {
			use = append(use, "-"+flag)
		}
	}
	if len(use) > 0 {
		f.addUser("package.use", append([]string{exact(p)}, use...)...)
	}
	for file, list := range map[string][]string{"package.use.force": force, "package.use.mask": mask} {
		if len(list) > 0 {
			f.addProfile(file, append([]string{"=" + p.CPV.String()}, list...)...)
		}
	}
}

// implicit keeps which of the flags that no package lists are forced or masked.
func (f *flattening) implicit(reached []*universe.Pkg) {
	i := slices.IndexFunc(reached, func(p *universe.Pkg) bool { return !p.Built() && p.EAPI != nil && p.EAPI.IUSEEffective })
	if i < 0 {
		return
	}
	s := reached[i].State()
	listed := s.IUSE()
	for _, flag := range s.IUSEEffective() {
		switch {
		case slices.Contains(listed, flag):
		case s.Masked(flag):
			f.addProfile("use.mask", flag)
		case s.Forced(flag):
			f.addProfile("use.force", flag)
		}
	}
}

// provided keeps package.provided as far as names were looked at: those of
// packages, of their dependencies, and of members of sets and arguments.
func (f *flattening) provided(reached []*universe.Pkg, members []atoms.CP) {
	var list []string
	add := func(cp atoms.CP) {
		for _, cpv := range f.root.Config.Provided(cp) {
			list = append(list, cpv.String())
		}
	}
	for _, cp := range members {
		add(cp)
	}
	for _, p := range reached {
		add(p.CPV.CP)
		for _, class := range universe.Classes() {
			if tree, err := p.Deps(class); err == nil {
				for _, a := range tree.Leaves(nil) {
					add(a.CP)
				}
			}
		}
	}
	slices.Sort(list)
	if list = slices.Compact(list); len(list) > 0 {
		f.user["profile/package.provided"] = list // profiles of recent EAPIs cannot have it
	}
}

// sets keeps the members of the sets that a request reaches: those of its
// arguments, @world, and all that are nested in them.
func (c *recorder) sets(args []string) {
	d := &c.p.Definition
	d.Profile = make(map[string][]string)
	seen := make(map[string]bool)
	names := []string{sets.World}
	for _, a := range c.res.Request.Args {
		if a.Atom != nil {
			c.members = append(c.members, a.Atom.CP)
		}
	}
	for _, a := range args {
		if name, ok := strings.CutPrefix(a, sets.Prefix); ok {
			names = append(names, name)
		}
	}
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		set := c.set(c.res.System.Target, name)
		if seen[name] || set == nil {
			continue
		}
		seen[name] = true
		for _, a := range set.Atoms {
			c.members = append(c.members, a.CP)
		}
		names = append(names, set.Nested...)
		c.writeSet(name, set)
	}
	if d.TargetRoot {
		d.World, d.WorldTo = c.worldOf(c.res.System.Running), d.World
	}
}

func (c *recorder) set(r *resolver.Root, name string) *sets.Members {
	if r.Sets == nil {
		return nil
	}
	s := r.Sets.Set(name)
	if s == nil {
		return nil
	}
	m := s.Members()
	return &m
}

// worldOf returns the atoms that are selected in a root.
func (c *recorder) worldOf(r *resolver.Root) []string {
	m := c.set(r, sets.Selected)
	if m == nil {
		return nil
	}
	return texts(m)
}

func texts(m *sets.Members) []string {
	lines := []string{}
	for _, a := range m.Atoms {
		lines = append(lines, a.String())
	}
	return lines
}

// starred returns the members of @system as a packages file has them.
func starred(m *sets.Members) []string {
	lines := texts(m)
	for i := range lines {
		lines[i] = "*" + lines[i]
	}
	return lines
}

// writeSet writes one set where the world has it.
func (c *recorder) writeSet(name string, m *sets.Members) {
	d := &c.p.Definition
	switch name {
	case sets.World:
	case sets.Selected:
		d.World = texts(m)
		for _, n := range m.Nested {
			d.WorldSets = append(d.WorldSets, sets.Prefix+n)
		}
	case sets.System:
		if len(m.Atoms) > 0 {
			d.Profile["packages"] = append(d.Profile["packages"], starred(m)...)
		}
	case sets.Profile:
		if len(m.Atoms) > 0 {
			d.Profile["packages"] = append(d.Profile["packages"], texts(m)...)
		}
	default:
		if d.Sets == nil {
			d.Sets = make(map[string][]string)
		}
		lines := texts(m)
		for _, n := range m.Nested {
			lines = append(lines, sets.Prefix+n)
		}
		d.Sets[name] = lines
	}
}
