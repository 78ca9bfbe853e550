package render_test

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
)

// An answer is what Portage answered to a request on the Flatcar tree.
type answer struct {
	Request struct {
		ID, Target string
		Args       []string
		BoardState string `json:"board_state"`
		SDKState   string `json:"sdk_state"`
	}
	Returncode int
	Output     string
	Resolve    *struct {
		Success        bool
		Mergelist      []merge
		ForcedRebuilds []struct {
			Root, Child string
			Parents     []string
		} `json:"forced_rebuilds"`
		Provided []string `json:"pprovided_args"`
	}
}

// A merge is an entry of an answer's merge list.
type merge struct {
	Operation, Type, CPV, Slot, Repo, Root, Status string
	SubSlot                                        string `json:"sub_slot"`
	Use, Replaces                                  []string
	OtherSlots                                     []string `json:"other_slots"`
	ReinstallFlags                                 []string `json:"reinstall_for_flags"`
}

// A corpus builds reports from answers, md5-cache and package databases.
type corpus struct {
	t      testing.TB
	dir    string
	roots  map[string]*render.Root
	states map[string]map[string]map[string]string // state, cpv, file
}

func (c *corpus) answers() []*answer {
	names, err := filepath.Glob(filepath.Join(c.dir, "answers", "*.json"))
	if err != nil || len(names) == 0 {
		c.t.Fatalf("no answers: %v", err)
	}
	var out []*answer
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			c.t.Fatal(err)
		}
		a := &answer{}
		if err := json.Unmarshal(data, a); err != nil {
			c.t.Fatalf("%s: %v", name, err)
		}
		out = append(out, a)
	}
	return out
}

// state returns the files of the installed packages in a state by cpv.
func (c *corpus) state(name string) map[string]map[string]string {
	if s, ok := c.states[name]; ok {
		return s
	}
	state := map[string]map[string]string{}
	c.states[name] = state
	f, err := os.Open(filepath.Join(c.dir, "states", name+".tar.gz"))
	if os.IsNotExist(err) {
		return state // nothing is installed
	}
	if err != nil {
		c.t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		c.t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return state
		}
		if err != nil {
			c.t.Fatal(err)
		}
		rest, ok := strings.CutPrefix(strings.TrimPrefix(h.Name, "./"), "var/db/pkg/")
		if !ok || h.Typeflag != tar.TypeReg {
			continue
		}
		text, err := io.ReadAll(r)
		if err != nil {
			c.t.Fatal(err)
		}
		cpv, file := path.Split(rest)
		cpv = strings.TrimSuffix(cpv, "/")
		if state[cpv] == nil {
			state[cpv] = map[string]string{}
		}
		state[cpv][file] = strings.TrimSpace(string(text))
	}
}

// installed returns an installed package of the root of an entry.
func (c *corpus) installed(a *answer, m merge, cpv string) render.Old {
	state := a.Request.SDKState
	if m.Root == "board" {
		state = a.Request.BoardState
	}
	files, ok := c.state(state)[cpv]
	if !ok {
		c.t.Fatalf("%s: %s is not installed in %s", a.Request.ID, cpv, state)
	}
	slot, sub, ok := strings.Cut(files["SLOT"], "/")
	if !ok {
		sub = slot
	}
	_, version := split(cpv)
	return render.Old{Version: version, Slot: slot, Subslot: sub, Repo: files["repository"],
		IUSE: names(files["IUSE"]), USE: strings.Fields(files["USE"])}
}

// names returns the flags of IUSE without defaults.
func names(iuse string) []string {
	var out []string
	for _, f := range strings.Fields(iuse) {
		out = append(out, strings.TrimLeft(f, "+-"))
	}
	return out
}

func split(cpv string) (cp, version string) {
	p, err := atoms.ParseCPV(cpv)
	if err != nil {
		panic(err)
	}
	return string(p.CP), p.Version.String()
}

// cache returns the md5-cache entry of a package.
func (c *corpus) cache(repo, cpv string) map[string]string {
	data, err := os.ReadFile(filepath.Join(c.dir, "trees", repo, "metadata", "md5-cache", cpv))
	if err != nil {
		c.t.Fatal(err)
	}
	entry := map[string]string{}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		entry[key] = value
	}
	return entry
}

// files returns the distfiles of a package with their sizes in the Manifest.
func (c *corpus) files(repo, cp, srcURI string, use []string) []render.File {
	spec, err := atoms.ParseSrcURI(srcURI, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(c.dir, "trees", repo, cp, "Manifest"))
	if err != nil && !os.IsNotExist(err) {
		c.t.Fatal(err)
	}
	size := map[string]int64{}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 2 && f[0] == "DIST" {
			size[f[1]], _ = strconv.ParseInt(f[2], 10, 64)
		}
	}
	var files []render.File
	for _, uri := range spec.Leaves(func(f string) bool { return slices.Contains(use, f) }) {
		bytes, ok := size[uri.Name]
		if !ok {
			return nil // as Portage: a missing digest makes the size 0
		}
		files = append(files, render.File{Name: uri.Name, Bytes: bytes})
	}
	return files
}

// root returns the root of an entry; "/" shows no root.
func (c *corpus) root(a *answer, name string) *render.Root {
	key := a.Request.Target + " " + name
	if r, ok := c.roots[key]; ok {
		return r
	}
	r := &render.Root{Root: "/", Arch: "amd64"}
	if c.roots == nil {
		c.roots = map[string]*render.Root{}
	}
	c.roots[key] = r
	if name == "board" {
		r.Root = "/build/" + a.Request.Target + "/"
	}
	data, err := os.ReadFile(filepath.Join(c.dir, "trees/portage-stable/profiles/base/make.defaults"))
	if err != nil {
		c.t.Fatal(err)
	}
	value := func(key string) []string {
		m := regexp.MustCompile(`(?m)^` + key + `="([^"]*)"`).FindSubmatch(data)
		return strings.Fields(string(m[1]))
	}
	r.UseExpand = append(value("USE_EXPAND"), "TESTS", "GO_VERSION")
	shown := "CPU_FLAGS_X86"
	if name == "board" && a.Request.Target == "arm64-usr" {
		shown = "CPU_FLAGS_ARM"
	}
	r.UseExpandHidden = slices.DeleteFunc(value("USE_EXPAND_HIDDEN"), func(s string) bool { return s == shown })
	return r
}

// pkg returns the entry as a package. What needs a configuration comes from
// the recorded line: the mask mark, the mark of a rebuild, and which flags are
// in parentheses.
func (c *corpus) pkg(a *answer, m merge, line string) *render.Package {
	cp, version := split(m.CPV)
	entry := c.cache(m.Repo, m.CPV)
	p := &render.Package{CP: cp, Version: version, Slot: m.Slot, Subslot: m.SubSlot, Repo: m.Repo,
		Origin: plan.Origin(m.Type), Root: c.root(a, m.Root), IUSE: names(entry["IUSE"]), USE: m.Use,
		Status: plan.Status(strings.ReplaceAll(m.Status, "_", "-")), ReinstallFlags: m.ReinstallFlags}
	old := m.Replaces
	if m.Status == "new_slot" {
		old = m.OtherSlots
	}
	for _, cpv := range old {
		p.Old = append(p.Old, c.installed(a, m, cpv))
	}
	if m.Type == "ebuild" {
		arch := "amd64"
		if m.Root == "board" {
			arch = strings.TrimSuffix(a.Request.Target, "-usr")
		}
		p.Files = c.files(m.Repo, cp, entry["SRC_URI"], append(slices.Clone(m.Use), arch, "elibc_glibc", "kernel_linux"))
	}
	flags := line[strings.Index(line, " ")+1 : strings.Index(line, "]")]
	p.Rebuild = flags[1] == 'r'
	if len(flags) > 6 {
		p.Mark = map[byte]plan.Mark{'#': plan.MarkMasked, '*': plan.MarkUnkeyworded, '~': plan.MarkTesting}[flags[6]]
	}
	p.Fixed = fixed(line)
	return p
}

// fixed returns the flags that a line shows in parentheses.
func fixed(line string) []string {
	var out []string
	for _, part := range regexp.MustCompile(`([A-Z0-9_]+)="([^"]*)"`).FindAllStringSubmatch(line, -1) {
		prefix := strings.ToLower(part[1]) + "_"
		if part[1] == "USE" {
			prefix = ""
		}
		for _, f := range strings.Fields(part[2]) {
			if f[0] == '(' {
				out = append(out, prefix+strings.Trim(f, "(-)%*"))
			}
		}
	}
	return out
}

// report returns the report behind the list, what follows it, and the options.
func (c *corpus) report(a *answer) (*render.Report, render.Options) {
	var o render.Options
	o.Verbose = true // EMERGE_DEFAULT_OPTS
	o.Quiet = slices.Contains(a.Request.Args, "--quiet")
	lines := regexp.MustCompile(`(?m)^\[(ebuild|binary).*$`).FindAllString(a.Output, -1)
	list := a.Resolve.Mergelist
	if len(lines) != len(list) {
		c.t.Fatalf("%s: %d lines for %d entries", a.Request.ID, len(lines), len(list))
	}
	r := &render.Report{ShowList: a.Resolve.Success, List: []render.Item{}}
	for i, m := range list {
		r.List = append(r.List, c.pkg(a, m, lines[i]))
	}
	for _, arg := range a.Resolve.Provided {
		r.Problems.Provided = append(r.Problems.Provided, render.Provided{Arg: arg, From: "system"})
	}
	if slices.Contains(a.Request.Args, "--buildpkgonly") && !a.Resolve.Success {
		r.Problems.DepsNeeded = &render.DepsNeeded{BuildOnly: true}
	}
	for _, f := range a.Resolve.ForcedRebuilds {
		rebuild := render.Rebuild{Cause: find(r.List, f.Child)}
		for _, parent := range f.Parents {
			rebuild.Packages = append(rebuild.Packages, find(r.List, parent))
		}
		r.Problems.Rebuilds = append(r.Problems.Rebuilds, rebuild)
	}
	return r, o
}

func find(list []render.Item, cpv string) *render.Package {
	for _, item := range list {
		if p := item.(*render.Package); p.CPV() == cpv {
			return p
		}
	}
	return nil
}

var took = regexp.MustCompile(`took (\d+)\.(\d\d) s \(backtrack: (\d+)/(\d+)\)`)

// frame returns what stands above the list.
func frame(a *answer, o render.Options) string {
	h := render.Header{Pretend: true, BuildOnly: slices.Contains(a.Request.Args, "--buildpkgonly")}
	s := h.Text(o)
	if o.Quiet || slices.Contains(a.Request.Args, "--nodeps") {
		return s
	}
	m := took.FindStringSubmatch(a.Output)
	if m == nil {
		return s + render.NoticeBegin
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1])
	}
	return s + render.NoticeBegin + render.NoticeEnd +
		o.Took(time.Duration(n[0]*100+n[1])*10*time.Millisecond, n[2], n[3])
}

// sandboxNoise is what Portage says on a machine without its sandbox.
const sandboxNoise = "!!! Problem with sandbox binary. Disabling...\n\n"

// TestCorpus prints every recorded merge list again and compares the whole
// output: frame, lines, totals and what follows.
func TestCorpus(t *testing.T) {
	c := &corpus{t: t, dir: sharedtest.Path(t, "corpus", "flatcar"), states: map[string]map[string]map[string]string{}}
	outputs, lines := 0, 0
	for _, a := range c.answers() {
		extra, ok := corpusExtra()[a.Request.ID]
		if a.Resolve == nil || a.Resolve.Mergelist == nil {
			continue
		}
		r, o := c.report(a)
		if ok {
			extra(r)
		}
		var b strings.Builder
		b.WriteString(frame(a, o))
		if err := render.Text(&b, &b, r, o); err != nil {
			t.Fatal(err)
		}
		// The recording has a token for the root.
		got := strings.ReplaceAll(b.String(), "/build/"+a.Request.Target, "${BOARD_ROOT}")
		want := strings.ReplaceAll(a.Output, sandboxNoise, "")
		lines += len(r.List)
		if got != want {
			t.Errorf("%s:%s", a.Request.ID, diff("output", got, want))
			continue
		}
		outputs++
	}
	t.Logf("%d recorded outputs with %d package lines", outputs, lines)
}

// corpusExtra adds what the answers do not hold as data.
func corpusExtra() map[string]func(*render.Report) {
	return map[string]func(*render.Report){
		"amd64-usr-autounmask-write": func(r *render.Report) {
			r.ShowList = true
			r.Problems.Autounmask = &render.Autounmask{Roots: []render.ConfigChanges{{Keywords: []render.ConfigLine{{
				Chain: []plan.Link{{Name: "=net-misc/curl-9999", Kind: plan.LinkArgument}},
				Line:  "=net-misc/curl-9999 **",
			}}}}}
		},
		"amd64-usr-opt-backtrack-0": slotConflictOfCorpus,
	}
}

// slotConflictOfCorpus is the conflict of amd64-usr-opt-backtrack-0.
func slotConflictOfCorpus(r *render.Report) {
	list := func(cp string) *render.Package {
		for _, item := range r.List {
			if p := item.(*render.Package); p.CP == cp {
				return p
			}
		}
		panic(fmt.Sprintf("no %s in the list", cp))
	}
	root := list("dev-libs/libassuan").Root
	installed := func(cp, version, subslot, use string, fixed ...string) *render.Package {
		p := &render.Package{CP: cp, Version: version, Slot: "0", Subslot: subslot, Repo: "portage-stable",
			Origin: plan.OriginInstalled, Operation: render.Keep, Root: root, Fixed: fixed}
		for _, f := range strings.Fields(use) {
			p.IUSE = append(p.IUSE, strings.TrimLeft(f, "-"))
			if f[0] != '-' {
				p.USE = append(p.USE, f)
			}
		}
		return p
	}
	gnupg := list("app-crypt/gnupg")
	gnupg.Fixed = append(gnupg.Fixed, "verify-sig")
	conflict := render.SlotConflict{Slot: render.SlotRef{Slot: "dev-libs/libassuan:0", Root: root.Root}}
	conflict.Packages = []render.ConflictPackage{
		{Package: list("dev-libs/libassuan"), Parents: []render.ConflictParent{{
			Parent: render.Parent{Package: gnupg},
			Atom:   badVersion(">=dev-libs/libassuan-3.0.0-r1:="),
		}}},
		{Package: installed("dev-libs/libassuan", "2.5.7", "0", "-verify-sig"), Parents: []render.ConflictParent{{
			Parent: render.Parent{Package: installed("app-crypt/pinentry", "1.3.2-r1", "0",
				"ncurses -X -caps -efl -emacs -gtk -keyring -qt6 -selinux -verify-sig -wayland", "verify-sig")},
			Atom: badSlot(">=dev-libs/libassuan-2.1:0/0="),
		}}},
	}
	r.Problems.SlotConflicts = &render.SlotConflicts{Conflicts: []render.SlotConflict{conflict}}
}

func badVersion(text string) render.AtomText {
	t := atomText(text)
	t.BadVersion = true
	return t
}

func badSlot(text string) render.AtomText {
	t := atomText(text)
	t.BadSlot = true
	return t
}

func atomText(text string) render.AtomText {
	a, err := atoms.ParseAtom(text, atoms.AtomOptions{})
	if err != nil {
		panic(err)
	}
	return render.TextOf(a)
}
