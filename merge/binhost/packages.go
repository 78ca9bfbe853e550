package binhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/fetch"
	"github.com/tumpline/tumpline/profiles/binrepos"
)

// A Wanted is a package file of a binhost.
type Wanted struct {
	CPV     atoms.CPV
	Repo    binrepos.Repo
	BaseURI string // where the paths of the index begin
	Path    string // PATH of the index
	Size    int64  // 0: not known, and then nothing is verified, as in Portage
	MD5     string
	SHA1    string
	BuildID int   // 0: none
	MTime   int64 // seconds; 0: not known
	// Values are the variables of the package in the index of its binhost.
	Values map[string]string
}

// Errors about what is wanted.
var (
	ErrNoBinhost = errors.New("the package is from no binhost that is in use")
	ErrPath      = errors.New("the index of the binhost has a path that leads out of it")
	ErrSizeOf    = errors.New("the file has another size than the index says")
)

// Want says how a package of a store is had, given the binhosts of that store.
func Want(p *ebuild.Package, remotes []binpkg.Remote) (*Wanted, error) {
	for _, r := range remotes {
		if p.Remote == "" || r.Repo.Label() != p.Remote {
			continue
		}
		w := &Wanted{CPV: p.CPV, Repo: r.Repo, BaseURI: r.Index.Header.Get("URI"), Path: p.Path, Size: p.Size, MD5: p.Raw("MD5"), SHA1: p.Raw("SHA1"), BuildID: max(p.BuildID, 0), MTime: p.MTime}
		if w.BaseURI == "" {
			w.BaseURI = r.Repo.SyncURI
		}
		w.Values = make(map[string]string)
		for _, s := range r.Index.Stanzas {
			if s.CPV.String() == p.CPV.String() && s.Path() == p.Path {
				for _, key := range s.Keys() {
					w.Values[key] = s.Get(key)
				}
				w.Values["CHOST"], w.Values["repository"] = s.Get("CHOST"), s.Get("repository")
			}
		}
		return w, w.check()
	}
	return nil, fmt.Errorf("%s: %w", p.CPV, ErrNoBinhost)
}

// check refuses paths that lead elsewhere.
func (w *Wanted) check() error {
	if !filepath.IsLocal(w.Path) || binpkg.FormatOf(w.Path) == binpkg.FormatNone {
		return fmt.Errorf("%s: binhost %s: %w: %q", w.CPV, w.Repo.Label(), ErrPath, w.Path)
	}
	return nil
}

// address returns the URI of the file.
func (w *Wanted) address() string {
	base := strings.TrimRight(w.BaseURI, "/")
	if strings.HasPrefix(base, "/") {
		return (&url.URL{Scheme: "file", Path: base + "/" + w.Path}).String()
	}
	return base + "/" + (&url.URL{Path: w.Path}).EscapedPath()
}

// A Downloader gets package files. It is safe for concurrent use.
type Downloader struct {
	// Fetch says how files are fetched. Distdir and what concerns mirrors have no
	// meaning here. Jobs is how many are fetched at once.
	Fetch fetch.Settings
	// Dir is PKGDIR: where packages of binhosts without a location go, and are put
	// into the index.
	Dir *binpkg.Dir
	Now time.Time // TIMESTAMP of that index
}

// A Got is what became of a package file.
type Got struct {
	*Wanted
	Path  string      // of the file; empty on errors
	State fetch.State // Present: it was there already
	Err   error
}

// Get gets package files, several at once, and tells what became of each, in their
// order: each is compared with size and digests of the index before it gets its
// name, an interrupted download goes on where it ended, and files that are wrong are
// set aside. The error of one keeps none of the others. Signatures are verified when
// the package is unpacked.
func (d *Downloader) Get(ctx context.Context, wanted []*Wanted) []*Got {
	jobs := d.Fetch.Jobs
	if jobs < 1 {
		jobs = defaultJobs
	}
	all := make([]*Got, len(wanted))
	slots := make(chan struct{}, jobs)
	var wg sync.WaitGroup
	for i, w := range wanted {
		all[i] = &Got{Wanted: w}
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := d.one(ctx, all[i]); err != nil {
				all[i].Path, all[i].State = "", fetch.Failed
				all[i].Err = fmt.Errorf("fetch binary package of %s: %w", w.CPV, err)
			}
		})
	}
	wg.Wait()
	return all
}

// defaultJobs is how many files are fetched at once if nobody says.
const defaultJobs = 3

// one gets one file.
func (d *Downloader) one(ctx context.Context, g *Got) error {
	if err := g.check(); err != nil {
		return err
	}
	place := d.place(g.Wanted)
	if g.there(place) {
		g.Path, g.State = place, fetch.Present
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return err
	}
	part := place + ".partial"
	if err := d.fetch(ctx, g, part); err != nil {
		return err
	}
	if g.MTime > 0 {
		at := time.Unix(g.MTime, 0)
		if err := os.Chtimes(part, at, at); err != nil {
			return err
		}
	}
	if g.Repo.Location != "" {
		g.Path = place
		return os.Rename(part, place)
	}
	return d.inject(ctx, g, part)
}

// place is where a file goes.
func (d *Downloader) place(w *Wanted) string {
	if w.Repo.Location != "" {
		return filepath.Join(w.Repo.Location, w.Path)
	}
	name := w.CPV.String()
	ext := ".tbz2"
	if binpkg.FormatOf(w.Path) == binpkg.FormatGPKG {
		ext = ".gpkg.tar"
	}
	if d.Dir.MultiInstance {
		if ext == ".tbz2" {
			ext = ".xpak"
		}
		name = path.Join(string(w.CPV.CP), w.CPV.PF()+"-"+strconv.Itoa(max(w.BuildID, 1)))
	}
	return filepath.Join(d.Dir.Path, name+ext)
}

// there says if the file was fetched before: it has the size and the time of the
// index.
func (w *Wanted) there(place string) bool {
	st, err := os.Lstat(place)
	return err == nil && st.Mode().IsRegular() && w.Size > 0 && st.Size() == w.Size && w.MTime > 0 && st.ModTime().Unix() == w.MTime
}

// fetch fetches the file and verifies it.
func (d *Downloader) fetch(ctx context.Context, g *Got, part string) error {
	s := d.Fetch
	s.Distdir, s.ReadOnly, s.Mirrors, s.Custom, s.ThirdParty = filepath.Dir(part), nil, nil, nil, nil
	s.ForceMirror, s.MirrorMode, s.DirectWrite, s.SizeOnly, s.NoFetch, s.Jobs = false, false, false, false, nil, 1
	s.Unlisted = true
	s.ResumeMin = max(s.ResumeMin, 1)
	s.Commands = commands(s.Commands, g.Repo)
	name := filepath.Base(part)
	file := &fetch.File{Name: name, URIs: []atoms.URI{{URI: g.address(), Name: name}}, Entry: g.entry(name), Manifest: strings.TrimRight(g.BaseURI, "/") + "/Packages"}
	file.Force = len(file.Entry.Hashes) == 0
	results, err := fetch.New(s).Fetch(ctx, []*fetch.Request{{CPV: g.CPV, Files: []*fetch.File{file}}})
	if err == nil {
		err = results[0].Err
	}
	if err != nil {
		return err
	}
	g.State = fetch.Fetched
	st, err := os.Stat(part)
	if err == nil && g.Size > 0 && st.Size() != g.Size {
		err = errors.Join(fmt.Errorf("%w: %d bytes, not %d", ErrSizeOf, st.Size(), g.Size), os.Remove(part))
	}
	return err
}

// entry is what the index says of the file; without a size it says nothing.
func (w *Wanted) entry(name string) manifest.Entry {
	e := manifest.Entry{Name: name, Size: w.Size}
	if w.Size <= 0 {
		return e
	}
	for _, h := range []manifest.Hash{{Name: "MD5", Hex: w.MD5}, {Name: "SHA1", Hex: w.SHA1}} {
		if h.Hex != "" {
			e.Hashes = append(e.Hashes, h)
		}
	}
	return e
}

// commands puts the commands of a binhost in the place of others.
func commands(c fetch.Commands, r binrepos.Repo) fetch.Commands {
	if r.FetchCommand == "" {
		return c
	}
	c.Vars, c.Set = maps.Clone(c.Vars), maps.Clone(c.Set)
	maps.DeleteFunc(c.Vars, func(name, _ string) bool {
		return strings.HasPrefix(name, "FETCHCOMMAND") || strings.HasPrefix(name, "RESUMECOMMAND")
	})
	if c.Vars == nil {
		c.Vars = map[string]string{}
	}
	c.Vars["FETCHCOMMAND"], c.Vars["RESUMECOMMAND"] = r.FetchCommand, r.ResumeCommand
	c.Set = map[string]bool{"FETCHCOMMAND": true, "RESUMECOMMAND": r.ResumeCommand != ""}
	return c
}

// inject puts a fetched file into PKGDIR and its index.
func (d *Downloader) inject(ctx context.Context, g *Got, part string) error {
	values := maps.Clone(g.Values)
	for _, key := range []string{"PATH", "BASE_URI", "PKGINDEX_URI", "FETCHCOMMAND", "RESUMECOMMAND"} {
		delete(values, key)
	}
	stanza, err := binpkg.NewStanza(g.CPV, values)
	if err != nil {
		return err
	}
	if err := stanza.Describe(part); err != nil {
		return err
	}
	place, err := d.Dir.Allocate(g.CPV, binpkg.FormatOf(g.Wanted.Path), g.BuildID, 0)
	if err != nil {
		return err
	}
	if err := d.Dir.Inject(ctx, part, place.Path, stanza, d.Now); err != nil {
		if place.Reserved {
			err = errors.Join(err, ignore(os.Remove(place.Path)))
		}
		return err
	}
	g.Path = place.Path
	return nil
}

// ignore drops the error of what is gone already.
func ignore(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
