// Package eshowkw is the front of eshowkw, which shows in a table which keywords the
// versions of a package have. "equery keywords" is the same.
package eshowkw

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/visibility"
)

const usage = `usage: eshowkw [-h] [-v] [-a ARCH] [-A [{top,bottom}]]
               [-T [{archlist,versionlist}]] [-B] [-C] [-O] [-P] [-S] [--json]
               [package ...]
`

const help = `
Display keywords for specified package or for package that is in pwd.

positional arguments:
  package               Packages to check.

options:
  -h, --help            show this help message and exit
  -v, --version         show package version and exit
  -a ARCH, --arch ARCH  Display only specified arch(s), separated by commas
  -A [{top,bottom}], --align [{top,bottom}]
                        Specify alignment for descriptions. (default: bottom)
  -T [{archlist,versionlist}], --top-position [{archlist,versionlist}]
                        Specify which fields we want to have in top listing. (default: archlist)
  -B, --bold            Print out each other column in bold for easier visual separation.
  -C, --color           Force colored output
  -O, --overlays        Search also overlays
  -P, --prefix          Display prefix keywords in output.
  -S, --ignore-slot     Treat slots as irrelevant during detection of redundant packages.
  --json                print data instead of a table
`

// options are the command line.
type options struct {
	packages    []string
	archs       []string // to show; none: all
	top         bool     // descriptions start at the top
	versionsTop bool     // versions are the columns
	bold        bool
	colour      bool
	overlays    bool
	prefix      bool
	ignoreSlot  bool
}

func choices() []argparse.Option {
	return []argparse.Option{
		{Long: "--help", Short: "-h"}, {Long: "--version", Short: "-v"},
		{Long: "--arch", Short: "-a", Takes: argparse.Text},
		{Long: "--align", Short: "-A", Takes: argparse.Choice, Choices: []string{"top", "bottom"}},
		{Long: "--top-position", Short: "-T", Takes: argparse.Choice, Choices: []string{"archlist", "versionlist"}},
		{Long: "--bold", Short: "-B"}, {Long: "--color", Short: "-C"}, {Long: "--overlays", Short: "-O"},
		{Long: "--prefix", Short: "-P"}, {Long: "--ignore-slot", Short: "-S"},
	}
}

// Kind is the document of eshowkw.
var Kind = answer.NewKind[document]("tumpline.equery-keywords", "1.0.0", "the keywords of the versions of packages")

type document struct {
	answer.Head
	Packages []packageObject `json:"packages" jsonschema:"in the order of the request"`
}

type packageObject struct {
	CP       string          `json:"cp" jsonschema:"CATEGORY/PN"`
	Archs    []string        `json:"archs" jsonschema:"that the table has, in its order"`
	Versions []versionObject `json:"versions" jsonschema:"ascending"`
}

type versionObject struct {
	CPV        string   `json:"cpv" jsonschema:"CATEGORY/PF"`
	Repository string   `json:"repository"`
	Slot       string   `json:"slot" jsonschema:"as SLOT has it"`
	EAPI       string   `json:"eapi"`
	Keywords   []string `json:"keywords"`
	Installed  bool     `json:"installed" jsonschema:"from that repository"`
	Masked     bool     `json:"masked" jsonschema:"by package.mask of repositories and profile"`
	Redundant  bool     `json:"redundant" jsonschema:"later versions in its slot have all its keywords"`
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	env, data, err := answer.Take(env, Kind)
	if err != nil {
		return err
	}
	return Run(ctx, env, data)
}

// Run shows keywords; data says that they are to be told as data. Called as part of
// equery, it colours nothing and needs packages.
func Run(_ context.Context, env *cli.Env, data bool) error {
	o, err := parse(env)
	if err != nil || o == nil {
		return err
	}
	within := env.Name != "eshowkw"
	if within && len(o.packages) == 0 {
		return exit(env, data, "No packages specified")
	}
	system, err := gentoolkit.Open(env)
	if err != nil {
		return err
	}
	defer system.Close()
	s := &show{options: o, system: system}
	if _, no := env.Vars["NO_COLOR"]; !within && (o.colour || env.OutTerminal && !no) {
		s.style = gentoolkit.Colours(env.Vars["PORTAGE_CONFIGROOT"])
	}
	s.archs = s.columns()
	repos := system.Session.Repos.All()
	if main := system.Session.Repos.Main(); !o.overlays && main != nil {
		repos = []*ebuild.Repository{main}
	}
	if len(o.packages) == 0 {
		repo, cp, err := s.here(env.Dir)
		if err != nil {
			return exit(env, data, err.Error())
		}
		repos, o.packages = []*ebuild.Repository{repo}, []string{cp}
	}
	d := &document{Packages: []packageObject{}}
	for _, text := range o.packages {
		p, err := s.read(text, repos)
		if err != nil {
			return exit(env, data, err.Error())
		}
		if data {
			d.Packages = append(d.Packages, p.document(s.archs))
		} else if _, err := fmt.Fprintln(env.Out, s.table(p)); err != nil {
			return err
		}
	}
	if data {
		return Kind.Write(env.Out, d)
	}
	return nil
}

// exit ends with a message, as Python's SystemExit does.
func exit(env *cli.Env, data bool, msg string) error {
	if data {
		return fmt.Errorf("eshowkw: %s", msg)
	}
	_, _ = fmt.Fprintln(env.Err, msg) // nothing can be done about a closed standard error
	return &cli.FailedError{Status: cli.StatusFailure}
}

// parse reads the command line; nil options mean that it was answered already.
func parse(env *cli.Env) (*options, error) {
	o := &options{}
	args := o.withoutOptional(env.Args)
	words, err := argparse.Parse(choices(), args)
	if err == nil {
		for _, w := range words.Rest {
			if strings.HasPrefix(w, "-") && len(w) > 1 {
				err = fmt.Errorf("unrecognized arguments: %s", w)
			}
		}
	}
	if err != nil {
		return nil, &cli.UsageError{Program: "eshowkw", Usage: usage, Msg: err.Error()}
	}
	switch {
	case words.Has("--help"):
		_, err := fmt.Fprint(env.Out, usage+help)
		return nil, err
	case words.Has("--version"):
		_, err := fmt.Fprintln(env.Out, gentoolkit.Version)
		return nil, err
	}
	if arch := words.Text("--arch"); arch != nil {
		o.archs, o.prefix = strings.Split(*arch, ","), true
	}
	if align := words.Text("--align"); align != nil {
		o.top = *align == "top"
	}
	if top := words.Text("--top-position"); top != nil {
		o.versionsTop = *top == "versionlist"
	}
	o.packages = words.Rest
	o.bold, o.colour, o.overlays = words.Has("--bold"), words.Has("--color"), words.Has("--overlays")
	o.prefix, o.ignoreSlot = o.prefix || words.Has("--prefix"), words.Has("--ignore-slot")
	return o, nil
}

// withoutOptional takes options out whose value may be missing and is. Without a value
// --top-position means versions, whatever else is said.
func (o *options) withoutOptional(args []string) []string {
	var out []string
	for i, a := range args {
		missing := i+1 == len(args) || strings.HasPrefix(args[i+1], "-")
		if missing && slices.Contains([]string{"-A", "--align"}, a) {
			continue
		}
		if missing && slices.Contains([]string{"-T", "--top-position"}, a) {
			o.versionsTop = true
			continue
		}
		out = append(out, a)
	}
	return out
}

// show is one run.
type show struct {
	*options
	system *gentoolkit.System
	style  gentoolkit.Style
	archs  []string // the columns
	status map[string]status
}

// here finds the repository and the package of a folder with ebuilds.
func (s *show) here(dir string) (*ebuild.Repository, string, error) {
	found, _ := filepath.Glob(filepath.Join(dir, "*.ebuild")) // the pattern is right
	if len(found) == 0 {
		return nil, "", fmt.Errorf("No ebuilds at %q", dir)
	}
	category := filepath.Dir(dir)
	tree := filepath.Dir(category)
	info, err := os.Stat(tree)
	if err != nil {
		return nil, "", err
	}
	for _, r := range s.system.Session.Repos.All() {
		if there, err := os.Stat(r.Location); err == nil && os.SameFile(info, there) {
			return r, filepath.Base(category) + "/" + filepath.Base(dir), nil
		}
	}
	return nil, "", fmt.Errorf("%s is not one of the configured repositories", tree)
}

// A version is one row.
type version struct {
	*ebuild.Package
	installed, masked, redundant bool
}

// listing is one table.
type listing struct {
	cp       string
	versions []version // ascending
}

// read finds the versions of a package.
func (s *show) read(text string, repos []*ebuild.Repository) (*listing, error) {
	cp, err := s.system.ExpandIn(text, repos)
	if err != nil {
		return nil, err
	}
	l := &listing{cp: string(cp)}
	for _, r := range repos {
		list, err := r.Packages(cp)
		if err != nil && len(list) == 0 {
			return nil, fmt.Errorf("read %s: %w", cp, err)
		}
		for _, p := range list {
			if !gentoolkit.HasMetadata(p) {
				return nil, fmt.Errorf("Failed to obtain metadata")
			}
			l.versions = append(l.versions, version{Package: p, installed: s.installed(p), masked: s.masked(p)})
		}
	}
	if len(l.versions) == 0 {
		return nil, fmt.Errorf("No such package %q", text)
	}
	slices.SortStableFunc(l.versions, func(a, b version) int { return a.CPV.Version.Compare(b.CPV.Version) })
	l.findRedundant(s.ignoreSlot)
	return l, nil
}

// installed says if a version is installed from its repository.
func (s *show) installed(p *ebuild.Package) bool {
	list, _ := s.system.Root.Installed.Packages(p.CPV.CP) // what cannot be read is not there
	return slices.ContainsFunc(list, func(q *ebuild.Package) bool {
		return q.CPV.Version.Compare(p.CPV.Version) == 0 && q.Repo == p.Repo
	})
}

// masked says if a package.mask names a version, the user's own files left aside.
func (s *show) masked(p *ebuild.Package) bool {
	judge := s.system.Root.Judge
	if judge.Mark(p) != visibility.MarkMasked {
		return false
	}
	r := judge.Verdict(p).Find(visibility.KindMask)
	return r == nil || !strings.HasPrefix(r.Pos.File, s.system.Root.Config.UserDir+"/")
}

// slot is SLOT as written.
func (v version) slot() string { return v.Raw("SLOT") }

// findRedundant marks the versions whose keywords later ones have.
func (l *listing) findRedundant(ignoreSlot bool) {
	var marks []bool
	if ignoreSlot {
		marks = redundant(l.versions)
	} else {
		var slots []string
		for _, v := range l.versions {
			if !slices.Contains(slots, v.slot()) {
				slots = append(slots, v.slot())
			}
		}
		for _, slot := range slots {
			marks = append(marks, redundant(slices.DeleteFunc(slices.Clone(l.versions), func(v version) bool { return v.slot() != slot }))...)
		}
	}
	for i := range l.versions {
		l.versions[i].redundant = marks[i]
	}
}

// redundant says of each version if unmasked later ones have all its keywords. One
// without keywords is redundant if there is a later one.
func redundant(list []version) []bool {
	out := make([]bool, len(list))
	for i, v := range list {
		left := keywordsOf(v)
		for _, later := range slices.Backward(list[i+1:]) {
			if words := keywordsOf(later); len(words) > 0 && !later.masked {
				left = slices.DeleteFunc(left, func(w string) bool {
					return slices.Contains(words, w) || slices.Contains(words, strings.TrimPrefix(w, "~"))
				})
			}
			if len(left) == 0 {
				out[i] = true
				break
			}
		}
	}
	return out
}

// keywordsOf gives the keywords that say where a version works.
func keywordsOf(v version) []string {
	return slices.DeleteFunc(slices.Clone(v.Keywords), func(w string) bool { return strings.HasPrefix(w, "-") })
}

func (l *listing) document(archs []string) packageObject {
	o := packageObject{CP: l.cp, Archs: archs, Versions: []versionObject{}}
	for _, v := range l.versions {
		o.Versions = append(o.Versions, versionObject{
			CPV: v.CPV.String(), Repository: v.Repo, Slot: v.slot(), EAPI: v.EAPIName, Keywords: slices.Concat([]string{}, v.Keywords),
			Installed: v.installed, Masked: v.masked, Redundant: v.redundant,
		})
	}
	return o
}
