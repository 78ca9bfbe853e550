package portageq

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/xpak"
	"github.com/tumpline/tumpline/merge/vdb"
)

// metadata answers with metadata of one package, a line for each key.
func metadata(_ context.Context, c *call) error {
	kind, name, keys := c.args[0], c.args[1], c.args[2:]
	if !isType(kind) {
		return failed(cli.StatusFailure, "Unrecognized package type: '%s'", kind)
	}
	name, repo, _ := strings.Cut(name, "::")
	name, _, _ = strings.Cut(name, ":")
	values, err := c.metadataOf(kind, name, repo, keys)
	if err != nil {
		return err
	}
	if values == nil {
		return failed(cli.StatusFailure, "Package not found: '%s'", name)
	}
	if !c.json {
		return c.lines(values...)
	}
	doc := &metadataDoc{Type: kind, Package: name, Values: []metadataKey{}}
	for i, key := range keys {
		doc.Values = append(doc.Values, metadataKey{key, values[i]})
	}
	return Metadata.Write(c.env.Out, doc)
}

// metadataOf gives the values of the keys; nil if there is no such package.
func (c *call) metadataOf(kind, name, repo string, keys []string) ([]string, error) {
	cpv, err := atoms.ParseCPV(name)
	if err != nil {
		return nil, nil
	}
	var get func(key string) string
	switch kind {
	case "installed":
		db, p, err := c.installedPackage(name)
		if err != nil || p == nil {
			return nil, err
		}
		defer db.Close() // it keeps no index
		if get, err = installedValues(p, keys); err != nil {
			return nil, err
		}
	case "binary":
		root, err := c.target()
		if err != nil {
			return nil, err
		}
		list, err := root.Binaries.Packages(cpv.CP)
		p := last(list, cpv, "")
		if err != nil || p == nil {
			return nil, err
		}
		if get, err = binaryValues(p, keys); err != nil {
			return nil, err
		}
	default:
		if _, err := c.target(); err != nil {
			return nil, err
		}
		list, err := c.session.Repos.Packages(cpv.CP)
		p := last(list, cpv, repo)
		if err != nil || p == nil || broken(p) {
			return nil, err
		}
		get = c.ebuildValues(p)
	}
	values := make([]string, len(keys))
	for i, key := range keys {
		values[i] = get(key)
	}
	return values, nil
}

// last is the strongest package of a version, in a repository if one is named.
func last(list []*ebuild.Package, cpv atoms.CPV, repo string) *ebuild.Package {
	for _, p := range slices.Backward(list) {
		if p.CPV.String() == cpv.String() && (repo == "" || p.Repo == repo) {
			return p
		}
	}
	return nil
}

// broken says that an ebuild has no metadata.
func broken(p *ebuild.Package) bool {
	for _, err := range p.Invalid() {
		if errors.Is(err, ebuild.ErrNoMetadata) {
			return true
		}
	}
	return false
}

// installedValues gives values of an installed package. Those without a file of
// their own are looked for in the environment that it was built in.
func installedValues(p *ebuild.Package, keys []string) (func(key string) string, error) {
	var absent []string
	for _, key := range keys {
		if !filed(key) && p.Raw(key) == "" {
			absent = append(absent, key)
		}
	}
	var saved map[string]string
	if len(absent) > 0 {
		var err error
		saved, err = vdb.Saved(p.Path, func(name string) bool { return slices.Contains(absent, name) })
		if err != nil {
			return nil, err
		}
	}
	return func(key string) string {
		switch {
		case key == "EAPI":
			return p.EAPIName
		case key == "SLOT" && p.Raw(key) == "":
			return p.Slot
		case slices.Contains(absent, key):
			return strings.Join(strings.Fields(saved[key]), " ")
		}
		return p.Raw(key)
	}, nil
}

// filed says that a variable which has no file is empty.
func filed(key string) bool {
	return slices.Contains([]string{
		"BDEPEND", "BUILD_ID", "BUILD_TIME", "CHOST", "COUNTER", "DEFINED_PHASES", "DEPEND", "DESCRIPTION", "EAPI", "HOMEPAGE",
		"IDEPEND", "IUSE", "KEYWORDS", "LICENSE", "PDEPEND", "PROPERTIES", "PROVIDES", "RDEPEND", "REQUIRES", "RESTRICT",
		"SLOT", "USE", "repository",
	}, key) || strings.HasPrefix(key, "NEEDED.")
}

// binaryValues gives values of a binary package: those of the index, or if one is
// asked for that no index has, all from the package file.
func binaryValues(p *ebuild.Package, keys []string) (func(key string) string, error) {
	inFile := []string{"DESCRIPTION", "HOMEPAGE", "INHERIT", "INHERITED", "REQUIRED_USE", "SRC_URI"}
	if p.Remote != "" || !slices.ContainsFunc(keys, func(key string) bool { return slices.Contains(inFile, key) }) {
		return p.Raw, nil
	}
	read := xpak.ReadFile
	if binpkg.FormatOf(p.Path) == binpkg.FormatGPKG {
		read = gpkg.ReadFile
	}
	files, err := read(p.Path, func(name string) bool { return slices.Contains(keys, name) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the index has a package whose file is gone: %w", err)
	}
	if err != nil {
		return nil, err
	}
	return func(key string) string {
		switch key { // of the file, not of what was packed
		case "SIZE":
			return strconv.FormatInt(p.Size, 10)
		case "_mtime_":
			return strconv.FormatInt(p.MTime, 10)
		}
		value := strings.Join(strings.Fields(string(files[key])), " ")
		if key == "EAPI" && value == "" {
			return "0"
		}
		return value
	}, nil
}

// ebuildValues gives values of an ebuild. The inherited eclasses are told as
// Portage's own tools print them.
func (c *call) ebuildValues(p *ebuild.Package) func(key string) string {
	repo := c.session.Repos.Get(p.Repo)
	return func(key string) string {
		switch key {
		case "EAPI":
			return p.EAPIName
		case "repository":
			return p.Repo
		case "INHERITED":
			return strings.Join(inherited(p), " ")
		case "_eclasses_":
			var list []string
			for _, name := range inherited(p) {
				path, _ := repo.Eclasses().Path(name)
				list = append(list, fmt.Sprintf("'%s': <portage.eclass_cache.hashed_path('%s')>", name, path))
			}
			return "{" + strings.Join(list, ", ") + "}"
		}
		return p.Raw(key)
	}
}

// inherited lists the eclasses of an ebuild, as its cache entry has them: names and
// digests in turn.
func inherited(p *ebuild.Package) []string {
	var names []string
	for i, word := range strings.Fields(p.Raw("_eclasses_")) {
		if i%2 == 0 {
			names = append(names, word)
		}
	}
	return names
}
