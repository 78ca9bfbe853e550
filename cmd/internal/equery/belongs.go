package equery

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
	"github.com/tumpline/tumpline/merge/vdb"
)

func belongsModule() *module {
	return &module{
		name: "belongs", letter: "b", shown: "(b)elongs", about: "list what package FILES belong to",
		doc: "List all packages owning a particular file\n\nNote: Normally, only one package will own a file. If multiple packages own\n" +
			"      the same file, it usually constitutes a problem, and should be reported.",
		arg: "filename",
		options: [][2]string{
			{" -f, --full-regex", "supplied query is a regex"},
			{" -e, --early-out", "stop when first match is found"},
			{" -n, --name-only", "don't print the version"},
		},
		spec: getopt.Spec{Short: "hfen", Long: []string{"help", "full-regex", "early-out", "earlyout", "name-only"}},
		kind: ownersKind, run: belongs,
	}
}

// ownersKind is the document of belongs.
var ownersKind = answer.NewKind[ownersDocument]("tumpline.equery-owners", "1.0.0", "who owns files")

type ownersDocument struct {
	answer.Head
	Owners []ownerObject `json:"owners" jsonschema:"sorted by package; empty if nobody owns such a file"`
}

type ownerObject struct {
	CPV  string `json:"cpv" jsonschema:"CATEGORY/PF"`
	Path string `json:"path" jsonschema:"absolute, below the root"`
	Type string `json:"type" jsonschema:"dir, obj, sym, dev or fif, as CONTENTS has it"`

	target string // of a symbolic link
}

func belongs(c *call, options []getopt.Option, queries []string) error {
	regex, early, nameOnly := false, false, false
	for _, o := range options {
		switch o.Name {
		case "-e", "--early-out":
			early = true
		case "--earlyout":
			c.warn("Use of --earlyout is deprecated.")
			c.warn("Please use --early-out.")
			c.out.Print("")
			early = true
		case "-f", "--full-regex":
			regex = true
		case "-n", "--name-only":
			nameOnly = true
		}
	}
	if len(queries) == 0 {
		return c.none()
	}
	if c.verbose && !c.data {
		c.out.Line(fmt.Sprintf(" * Searching for %s ... ", c.style.Emph(strings.Join(queries, ","))))
	}
	test, err := c.pathTest(queries, regex)
	if err != nil {
		return err
	}
	found, err := c.owners(test, early)
	if err != nil {
		return err
	}
	if c.data {
		return ownersKind.Write(c.env.Out, &ownersDocument{Owners: found})
	}
	for _, o := range found {
		c.showOwner(o, nameOnly)
	}
	if len(found) == 0 {
		return &cli.FailedError{Status: cli.StatusFailure}
	}
	return nil
}

// owners gives the files of installed packages that pass a test, or with early only
// the first one.
func (c *call) owners(test func(path string) bool, early bool) ([]ownerObject, error) {
	system, err := c.open()
	if err != nil {
		return nil, err
	}
	every := func(string) bool { return true }
	list, err := system.All(gentoolkit.Scope{Installed: true}, every)
	if err != nil {
		return nil, err
	}
	found := []ownerObject{}
	for _, p := range list {
		for _, f := range c.contents(p) {
			if test(f.Path) {
				found = append(found, ownerObject{CPV: p.CPV, Path: f.Path, Type: f.Kind.String(), target: f.Target})
				if early {
					return found, nil
				}
			}
		}
	}
	return found, nil
}

func (c *call) showOwner(o ownerObject, nameOnly bool) {
	name := o.CPV
	if nameOnly {
		n, _ := gentoolkit.SplitName(o.CPV)
		name = n.CP()
	}
	if !c.verbose {
		c.out.Line(name)
		return
	}
	shown := o.Path
	switch o.Type {
	case vdb.KindDir.String():
		shown = c.style.Path(shown)
	case vdb.KindSymlink.String():
		if target := strings.Fields(o.target); len(target) > 0 {
			shown = c.style.Symlink(shown + " -> " + target[0])
		}
	}
	c.out.Line(c.style.CPV(name) + " (" + c.style.Path(shown) + ")")
}

var slashes = regexp.MustCompile(`/+`)

// pathTest gives the test for files that queries name: by a path, by the end of one,
// or by a regular expression.
func (c *call) pathTest(queries []string, regex bool) (func(path string) bool, error) {
	if regex {
		text := strings.Join(queries, "|")
		if !strings.Contains(text, "|") {
			text = "^(?:" + text + ")"
		}
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, &gentoolkit.Error{Msg: fmt.Sprintf("Invalid regex: '%s'", err)}
		}
		return re.MatchString, nil
	}
	whole, ends := map[string]bool{}, []string{}
	for _, q := range c.withRealPaths(queries) {
		q = strings.TrimRight(slashes.ReplaceAllString(q, "/"), "/")
		if strings.HasPrefix(q, "/") {
			whole[q] = true
		} else {
			ends = append(ends, "/"+q)
		}
	}
	return func(path string) bool {
		return whole[path] || slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(path, end) })
	}, nil
}

// withRealPaths adds where the paths really lead.
func (c *call) withRealPaths(queries []string) []string {
	var out []string
	for _, q := range queries {
		if strings.HasPrefix(q, "./") {
			q = c.env.Abs(q)
		}
		out = append(out, q)
	}
	for _, q := range slices.Clone(out) {
		path := c.env.Abs(q)
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		if !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out
}
