package livefs

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/merge/vdb"
)

// A Deed is the sort of an Act.
type Deed uint8

// The deeds.
const (
	Checking  Deed = iota // Count files of an image are checked against the root
	Merging               // the package CPV is being merged
	Placed                // what became of a path of the image
	Replacing             // the replaced version CPV is about to go
	Dropped               // what became of a recorded path
	Replaced              // the replaced version is gone
)

// String names the deed.
func (d Deed) String() string {
	names := [...]string{"checking", "merging", "placed", "replacing", "dropped", "replaced"}
	if int(d) < len(names) {
		return names[d]
	}
	return fmt.Sprintf("Deed(%d)", uint8(d))
}

// A Mark says what became of a path.
type Mark uint8

// The marks.
const (
	Changed Mark = iota // it was put in place, or removed
	Same                // what was there is the same
	Left                // what was there stays
	Blocked             // it could not be put in place
)

// String gives the mark's name.
func (m Mark) String() string {
	names := [...]string{"changed", "same", "left", "blocked"}
	if int(m) < len(names) {
		return names[m]
	}
	return fmt.Sprintf("Mark(%d)", uint8(m))
}

// An Act is something that a merge or removal did, or is about to do.
type Act struct {
	Deed   Deed
	CPV    atoms.CPV
	Count  int
	Mark   Mark
	Kind   vdb.Kind // of the path
	Path   string   // in the root: "/usr/bin/x"
	Target string   // of a link that was placed
	Why    string   // what was dropped stays: "!mtime", "replaced" and so on, as Portage calls it
}

// tell tells acts, if somebody asks.
func (j *job) tell(acts ...Act) {
	if j.Tell == nil {
		return
	}
	for _, a := range acts {
		j.Tell(a)
	}
}

// tellChecking tells how many files and links of an image are checked.
func (j *job) tellChecking(items []*item) {
	n := 0
	for _, i := range items {
		if i.regular() || i.link() {
			n++
		}
	}
	j.tell(Act{Deed: Checking, Count: n})
}

// record notes a path of the image for CONTENTS, and what became of it.
func (p *placer) record(c vdb.Content, mark Mark) {
	p.contents = append(p.contents, c)
	p.acts = append(p.acts, Act{Deed: Placed, Mark: mark, Kind: c.Kind, Path: c.Path, Target: c.Target})
}

// recordAs is record for a path whose file may get another name.
func (p *placer) recordAs(c vdb.Content, mark Mark, real string) {
	p.record(c, mark)
	act := &p.acts[len(p.acts)-1]
	act.Path = path.Join(path.Dir(c.Path), path.Base(real))
}

// arrange puts the paths of an image into the order in which they are told and
// recorded: that of their package. A link comes after what it leads to, as in Portage,
// which merges it so. What is told of an image without an order follows its folders,
// whose order is the file system's; CONTENTS stays sorted then, so that it says nothing
// of that.
func (p *placer) arrange(items []*item, image Image) {
	if image.Order == nil && p.Tell == nil {
		return
	}
	order := p.settled(items, inOrder(items, image))
	acts, contents := make([]Act, len(items)), make([]vdb.Content, len(items))
	for to, from := range order {
		acts[to], contents[to] = p.acts[from], p.contents[from]
	}
	p.acts = acts
	if image.Order != nil {
		p.contents = contents
	}
}

// inOrder lists the items, by number, as the package has them: folders before what is
// in them, the children of a folder in the order of the package, or of the image's
// folders from their end.
func inOrder(items []*item, image Image) []int {
	children := make(map[string][]int)
	for n, i := range items {
		dir := path.Dir(i.path)
		children[dir] = append(children[dir], n)
	}
	rank := make(map[string]int)
	for n, name := range image.Order {
		name = path.Join("/", name)
		for ; name != "/"; name = path.Dir(name) {
			if _, known := rank[name]; known {
				break
			}
			rank[name] = n
		}
	}
	var out []int
	var walk func(dir string)
	walk = func(dir string) {
		list := children[dir]
		if image.Order == nil {
			rank = folderRanks(image.Dir, dir)
		}
		slices.SortStableFunc(list, func(a, b int) int { return rank[items[a].path] - rank[items[b].path] })
		for _, n := range list {
			out = append(out, n)
			if items[n].dir() {
				walk(items[n].path)
			}
		}
	}
	walk("/")
	return out
}

// folderRanks ranks the children of a folder of the image, last first.
func folderRanks(image, dir string) map[string]int {
	f, err := os.Open(path.Join(image, dir))
	if err != nil {
		return nil // then they stay sorted
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil
	}
	rank := make(map[string]int)
	for n, name := range names {
		rank[path.Join(dir, name)] = -n
	}
	return rank
}

// settled puts links whose targets are not there yet behind the rest; those that wait
// for each other, or for nothing that comes, are last.
func (p *placer) settled(items []*item, order []int) []int {
	placed := make(map[string]bool)
	var out []int
	take := func(n int) {
		out = append(out, n)
		placed[p.real(items[n].path)] = true
	}
	for pending := order; len(pending) > 0; {
		var later []int
		for _, n := range pending {
			if i := items[n]; i.link() && !p.leads(i, placed) {
				later = append(later, n)
				continue
			}
			take(n)
		}
		if len(later) == len(pending) {
			for _, n := range later {
				take(n)
			}
			return out
		}
		pending = later
	}
	return out
}

// leads says if there is something where a link of the image leads: in the root, or
// among what was placed.
func (p *placer) leads(i *item, placed map[string]bool) bool {
	target := i.target
	if !path.IsAbs(target) {
		target = path.Join(path.Dir(i.path), target)
	}
	if target = path.Clean(target); target == "/" || placed[p.real(target)] {
		return true
	}
	_, err := p.fs.Stat(target)
	return err == nil
}

// drop notes what becomes of a recorded path.
func (r *remover) drop(mark Mark, why string, kind vdb.Kind, name string) {
	if r.Tell != nil {
		r.in.acts = append(r.in.acts, Act{Deed: Dropped, CPV: r.in.CPV, Mark: mark, Why: why, Kind: kind, Path: name})
	}
}

// leave notes that a recorded path stays; why is told in Portage's word and in ours.
func (r *remover) leave(c vdb.Content, word, why string) {
	r.kept(c.Path, why)
	r.drop(Left, word, c.Kind, c.Path)
}

// recordedAs gives the path by which a folder was recorded.
func (r *remover) recordedAs(real string) string {
	if name, ok := r.names[real]; ok {
		return name
	}
	return real
}

// special says if a recorded path is a node that removals leave, and tells of it.
func (r *remover) special(c vdb.Content, st *unix.Stat_t) bool {
	switch c.Kind {
	case vdb.KindFIFO:
		word := ""
		if kindOf(st) != unix.S_IFIFO {
			word = "!fif"
		}
		r.leave(c, word, "special file")
		return true
	case vdb.KindDevice:
		r.leave(c, "", "special file")
		return true
	}
	return false
}

// byPath sorts contents, for packages without an order of their own.
func byPath(a, b vdb.Content) int { return strings.Compare(a.Path, b.Path) }
