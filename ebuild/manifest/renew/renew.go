// Package renew brings the Manifests of a repository's packages up to date: it
// asks the ebuilds for their distfiles, has those fetched whose digests are not
// known, and writes what has changed.
//
// How a Manifest is made is the business of package manifest, and fetching that
// of a Fetcher. Nothing is printed, and one package's failure does not keep the
// others from being done.
package renew

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/manifest"
)

// A Distfile is a file that is to be fetched before its digests can be known.
type Distfile struct {
	Name     string
	Packages []*ebuild.Package // whose SRC_URI names it, in ascending order
	URIs     []atoms.URI       // of all of them, in the order of SRC_URI
	Known    *manifest.Entry   // what it must be; nil if nothing is known
}

// A Fetcher puts a distfile into DISTDIR. If something is known about the file,
// it admits no other. It must be safe for concurrent use.
type Fetcher interface {
	Fetch(ctx context.Context, d *Distfile) error
}

// Options say how Manifests are made.
type Options struct {
	Repo    *ebuild.Repository
	Policy  manifest.Policy
	Distdir string
	Assume  bool    // keep the digests of distfiles that look unchanged: FEATURES=assume-digests
	Fetcher Fetcher // nil: what must be fetched is an error
	// Partial leaves out distfiles that would have to be fetched, as egencache
	// does, instead of fetching them.
	Partial bool
	// Discard takes the entries of what is forced out of the Manifest even if the
	// distfiles cannot be fetched, as ebuild --force does.
	Discard bool
	Jobs    int // packages done at once; 0: as many as there are processors
}

// A Request is a package whose Manifest is to be made anew.
type Request struct {
	CP atoms.CP
	// Force lists versions whose distfiles lose their known digests; ForceAll is
	// all versions.
	Force    []atoms.CPV
	ForceAll bool
}

// A State is what became of a Manifest.
type State uint8

const (
	Unchanged State = iota // it is as it should be
	Written                // it was written
	Removed                // it was removed: there is nothing to list
	Skipped                // the repository has no Manifests
	Failed                 // see the error
)

// String names the state.
func (s State) String() string {
	switch s {
	case Unchanged:
		return "unchanged"
	case Written:
		return "written"
	case Removed:
		return "removed"
	case Skipped:
		return "skipped"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// An Assumption is a distfile whose digests were taken over unseen.
type Assumption struct {
	CPV  atoms.CPV
	File string
}

// A Result is what became of a request.
type Result struct {
	CP      atoms.CP
	Dir     string // the package folder
	State   State
	Entries int
	Assumed []Assumption // in ascending order of versions
	Err     error        // of Failed
}

// Package does one request.
func (o *Options) Package(ctx context.Context, q Request) *Result {
	r := &Result{CP: q.CP, Dir: filepath.Join(o.Repo.Location, q.CP.Category(), q.CP.Name())}
	if o.Policy.Unused {
		r.State = Skipped
		return r
	}
	if err := o.renew(ctx, q, r); err != nil {
		r.State, r.Err = Failed, err
	}
	return r
}

func (o *Options) renew(ctx context.Context, q Request, r *Result) error {
	list, err := o.Repo.Packages(q.CP)
	if err != nil {
		return err
	}
	d, err := distfiles(list)
	if err != nil {
		return err
	}
	u := &manifest.Update{Dir: r.Dir, Policy: o.Policy, Distdir: o.Distdir, Distfiles: d.names, Assume: o.Assume}
	for _, p := range list {
		if q.ForceAll || slices.Contains(q.Force, p.CPV) {
			u.Forget = append(u.Forget, d.of[p]...)
		}
	}
	if !o.Partial {
		if err := o.fetch(ctx, u, d); err != nil {
			return errors.Join(err, o.discard(ctx, u))
		}
	}
	entries, assumed, err := u.Generate(ctx)
	if err != nil {
		return err
	}
	r.Entries = len(entries)
	for _, p := range list {
		for _, name := range assumed {
			if slices.Contains(d.of[p], name) {
				r.Assumed = append(r.Assumed, Assumption{p.CPV, name})
			}
		}
	}
	changed, err := u.Write(entries)
	if changed {
		r.State = Written
		if _, err := os.Lstat(filepath.Join(r.Dir, manifest.FileName)); errors.Is(err, fs.ErrNotExist) {
			r.State = Removed
		}
	}
	return err
}

// A FetchError says that a distfile could not be had.
type FetchError struct {
	Name string
	Want manifest.Want // why it was fetched
	Err  error
}

// Error names the file.
func (e *FetchError) Error() string { return fmt.Sprintf("fetch %s: %s", e.Name, e.Err) }

// Unwrap gives what the fetcher said.
func (e *FetchError) Unwrap() error { return e.Err }

// discard takes what was forced out of a Manifest that cannot be made anew.
func (o *Options) discard(ctx context.Context, u *manifest.Update) error {
	if !o.Discard || len(u.Forget) == 0 {
		return nil
	}
	rest := *u
	rest.Assume, rest.Forget = true, nil
	rest.Distfiles = slices.DeleteFunc(slices.Clone(u.Distfiles), func(name string) bool { return slices.Contains(u.Forget, name) })
	entries, _, err := rest.Generate(ctx)
	if err != nil {
		return err
	}
	_, err = rest.Write(entries)
	return err
}

// fetch has the lacking distfiles fetched.
func (o *Options) fetch(ctx context.Context, u *manifest.Update, d *fetchList) error {
	lacks, err := u.Lacks()
	if err != nil || len(lacks) == 0 {
		return err
	}
	if o.Fetcher == nil {
		return &manifest.LackError{Manifest: filepath.Join(u.Dir, manifest.FileName), Lacks: lacks}
	}
	var errs []error
	for _, l := range lacks {
		file := *d.files[l.Name]
		file.Known = l.Known
		if err := o.Fetcher.Fetch(ctx, &file); err != nil {
			errs = append(errs, &FetchError{Name: l.Name, Want: l.Want, Err: err})
		}
	}
	return errors.Join(errs...)
}

// A fetchList is the distfiles of all versions of a package.
type fetchList struct {
	names []string // in the order of versions and of SRC_URI
	of    map[*ebuild.Package][]string
	files map[string]*Distfile
}

func distfiles(list []*ebuild.Package) (*fetchList, error) {
	d := &fetchList{of: make(map[*ebuild.Package][]string), files: make(map[string]*Distfile)}
	for _, p := range list {
		for _, err := range p.Invalid() {
			var bad *ebuild.MetadataError
			if errors.As(err, &bad) && (bad.Fault == ebuild.FaultMetadata || bad.Key == "SRC_URI") {
				return nil, fmt.Errorf("%s: distfiles: %w", p.CPV, err)
			}
		}
		if p.EAPI == nil {
			return nil, fmt.Errorf("%s: distfiles: EAPI %q is not supported", p.CPV, p.EAPIName)
		}
		tree, err := p.SrcURI()
		if err != nil {
			return nil, fmt.Errorf("%s: SRC_URI: %w", p.CPV, err)
		}
		for _, u := range tree.Leaves(nil) {
			d.add(p, u)
		}
	}
	return d, nil
}

func (d *fetchList) add(p *ebuild.Package, u atoms.URI) {
	f := d.files[u.Name]
	if f == nil {
		f = &Distfile{Name: u.Name}
		d.files[u.Name] = f
		d.names = append(d.names, u.Name)
	}
	if !slices.Contains(d.of[p], u.Name) {
		d.of[p] = append(d.of[p], u.Name)
		f.Packages = append(f.Packages, p)
	}
	if strings.Contains(u.URI, "://") && !slices.Contains(f.URIs, u) {
		f.URIs = append(f.URIs, u)
	}
}

// All does the requests, several at once, and gives every result to report, in
// the order of the requests. It ends early only if ctx does.
func (o *Options) All(ctx context.Context, requests []Request, report func(*Result)) error {
	jobs := o.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	results := make([]chan *Result, len(requests))
	for i := range results {
		results[i] = make(chan *Result, 1)
	}
	slots := make(chan struct{}, jobs)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i, q := range requests {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				if ctx.Err() == nil {
					results[i] <- o.Package(ctx, q)
				} else {
					results[i] <- &Result{CP: q.CP, State: Failed, Err: ctx.Err()}
				}
			})
		}
	})
	for i := range results {
		if r := <-results[i]; ctx.Err() == nil {
			report(r)
		}
	}
	wg.Wait()
	return ctx.Err()
}
