// Package fetch gets distfiles from mirrors and admits them only if the Manifest
// agrees.
//
// Where a file is looked for, and in which order, is Portage's (lib/portage/
// package/ebuild/fetch.py): mirrors first, then what SRC_URI names, the last of it
// first; RESTRICT and the prefixes fetch+ and mirror+ are obeyed. http, https and
// file are served here, sizes and digests being checked as bytes arrive; other
// protocols, and those for which the user has set a command, by FETCHCOMMAND and
// RESUMECOMMAND. Beside Portage and with the same locks it may work in one
// DISTDIR, and each goes on with the other's partial files.
//
// It departs from Portage in these points: a file that a server announces with a
// wrong size is not downloaded; a partial file that has its whole size is verified
// rather than fetched again; a mirror's layout is asked for under RESTRICT=fetch as
// well; the built-in client keeps the rights of the calling process. The package
// neither prints nor decides what to fetch.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/manifest"
)

// Settings are what configuration and command line say about fetching. Paths are
// absolute.
type Settings struct {
	Distdir  string   // DISTDIR
	ReadOnly []string // PORTAGE_RO_DISTDIRS: folders whose files are linked to
	// Mirrors are GENTOO_MIRRORS; an absolute path is a folder to copy from.
	Mirrors []string
	// Custom are the mirrors of etc/portage/mirrors by name; "local" ones are asked
	// first for every file.
	Custom map[string][]string
	// ThirdParty are the mirrors that mirror:// means by name, of all repositories.
	ThirdParty map[string][]string

	Commands Commands
	Filter   manifest.Filter // PORTAGE_CHECKSUM_FILTER

	ForceMirror bool  // FEATURES=force-mirror: nothing from where SRC_URI says
	MirrorMode  bool  // FEATURES=mirror without lmirror: skip what must not be mirrored
	Locks       bool  // FEATURES=distlocks
	DirectWrite bool  // FEATURES=skiprocheck: write to the file itself, rename nothing
	Unlisted    bool  // fetch files without known digests as well
	SizeOnly    bool  // believe a file that is there and has its size (parallel-fetch)
	NoWait      bool  // leave out files that another process fetches (fetchonly)
	Tries       int   // files with a wrong digest after which a file is given up; 0: 5
	ResumeMin   int64 // bytes below which a partial file is not continued; 0: 350 KiB
	Group       int   // group of fetched files (portage); negative: left as it is

	Jobs    int           // files fetched at once; 0: 3
	Stall   time.Duration // without a byte for so long a server counts as gone; 0: a minute
	Client  http.RoundTripper
	Shuffle func(uris []string) // puts mirrors of one name into an order of chance; nil: as they are
	Now     func() time.Time    // for the age of mirrors' layouts; nil: they are always asked for
	Events  func(Event)         // told what happens, one call at a time; may be nil
	// NoFetch runs pkg_nofetch of a package whose files could not be had; may be
	// nil. It is called if the package is fetch-restricted or defines the phase.
	NoFetch func(ctx context.Context, cpv atoms.CPV) error
}

// Values that stand in for those not set.
const (
	defaultTries  = 5
	defaultJobs   = 3
	defaultResume = 350 << 10
	defaultStall  = time.Minute
	primaryAfter  = 2 // files with a wrong digest after which SRC_URI itself is tried next
	attempts      = 3 // of one URI, if its server drops the connection
)

// Restrict is what RESTRICT of a package says about fetching.
type Restrict struct {
	Fetch      bool // fetch: only mirrors that are named
	Mirror     bool // mirror, nomirror: no GENTOO_MIRRORS
	PrimaryURI bool // primaryuri: SRC_URI before mirrors
}

// A File is a distfile that is wanted.
type File struct {
	Name     string
	URIs     []atoms.URI    // leaves of SRC_URI with this name, in their order
	Entry    manifest.Entry // what the Manifest says; Hashes nil: nothing
	Manifest string         // path of the Manifest, for errors
	// Force fetches the file even if it is there; not with an Entry.
	Force bool
}

// known says whether there is something to verify the file by. Empty distfiles
// are always wrong, so what says so is not believed.
func (f *File) known() bool { return len(f.Entry.Hashes) > 0 && f.Entry.Size > 0 }

func (f *File) manifest() *manifest.Manifest { return &manifest.Manifest{Path: f.Manifest} }

// A Request is the files of one package.
type Request struct {
	CPV      atoms.CPV
	Restrict Restrict
	// HasNoFetch says that the ebuild defines pkg_nofetch.
	HasNoFetch bool
	Files      []*File
}

// A State is what became of a file.
type State uint8

const (
	Present State = iota // it was there
	Fetched              // it was downloaded, or copied from a local mirror
	Linked               // a link to a read-only folder was made
	Busy                 // another process fetches it
	Skipped              // it must not be mirrored
	Failed               // see the error
)

// String names the state.
func (s State) String() string {
	switch s {
	case Present:
		return "present"
	case Fetched:
		return "fetched"
	case Linked:
		return "linked"
	case Busy:
		return "busy"
	case Skipped:
		return "skipped"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// A Result is what became of a file.
type Result struct {
	CPV   atoms.CPV
	File  *File
	State State
	From  string // URI or folder it came from; Fetched and Linked
	Bytes int64  // that were transferred, failures included
	Tried []Try  // what did not lead to the file, in order
	Err   error  // of Failed
}

// A Try is one place that did not give the file.
type Try struct {
	URI string
	Err error
}

// A FailedError says that a file could not be had.
type FailedError struct {
	Name       string
	Restricted bool // the package is fetch-restricted
	Tried      []Try
}

// Error names the file and each place with what it gave.
func (e *FailedError) Error() string {
	text := fmt.Sprintf("%s could not be fetched", e.Name)
	switch {
	case e.Restricted && len(e.Tried) == 0:
		text += ": it must be downloaded by hand (RESTRICT=fetch)"
	case len(e.Tried) == 0:
		text += ": there is no mirror for it, and SRC_URI does not say where it is"
	}
	for _, t := range e.Tried {
		text += fmt.Sprintf("\n%s: %s", hidePassword(t.URI), t.Err)
	}
	return text
}

// Unwrap gives the errors of the places.
func (e *FailedError) Unwrap() []error {
	var errs []error
	for _, t := range e.Tried {
		errs = append(errs, t.Err)
	}
	return errs
}

// An UnlistedError says that there is no digest to verify a file by.
type UnlistedError struct {
	Name, Manifest string
}

// Error names file and Manifest.
func (e *UnlistedError) Error() string {
	return fmt.Sprintf("%s: there is no digest to verify %s by", e.Manifest, e.Name)
}

// A Fetcher fetches files. It is safe for concurrent use.
type Fetcher struct {
	set     Settings
	http    *http.Client
	layouts *layouts

	tell sync.Mutex // of Settings.Events

	mu   sync.Mutex
	busy map[string]*sync.Mutex // by name of a file: two packages may want the same one
}

// alone waits until no other job has the file, and gives what ends that.
func (f *Fetcher) alone(name string) (done func()) {
	f.mu.Lock()
	m := f.busy[name]
	if m == nil {
		m = &sync.Mutex{}
		f.busy[name] = m
	}
	f.mu.Unlock()
	m.Lock()
	return m.Unlock
}

// New returns a Fetcher.
func New(s Settings) *Fetcher {
	if s.Tries < 1 {
		s.Tries = defaultTries
	}
	if s.Jobs < 1 {
		s.Jobs = defaultJobs
	}
	if s.ResumeMin <= 0 {
		s.ResumeMin = defaultResume
	}
	if s.Stall <= 0 {
		s.Stall = defaultStall
	}
	f := &Fetcher{set: s, busy: map[string]*sync.Mutex{}}
	f.http = &http.Client{Transport: s.Client}
	if s.Client == nil {
		f.http.Transport = Transport(s.Stall, nil)
	}
	f.layouts = &layouts{fetcher: f, known: map[string]*layoutOnce{}}
	return f
}

// Fetch gets the files of all requests, several at once, and gives what became of
// each, in their order. An error of a file is in its result and keeps none of the
// others; the error is that of ctx.
func (f *Fetcher) Fetch(ctx context.Context, requests []*Request) ([]*Result, error) {
	if err := os.MkdirAll(f.set.Distdir, 0o775); err != nil {
		return nil, fmt.Errorf("fetch: make DISTDIR: %w", err)
	}
	var results []*Result
	var wg sync.WaitGroup
	slots := make(chan struct{}, f.set.Jobs)
	for _, q := range requests {
		for _, file := range q.Files {
			r := &Result{CPV: q.CPV, File: file}
			results = append(results, r)
			wg.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				f.one(ctx, q, r)
			})
		}
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return results, err
	}
	return results, f.noFetch(ctx, requests, results)
}

// one gets one file.
func (f *Fetcher) one(ctx context.Context, q *Request, r *Result) {
	j := &job{f: f, request: q, file: r.File, result: r}
	err := ctx.Err()
	if err == nil {
		err = j.run(ctx)
	}
	if err != nil {
		r.State, r.Err = Failed, err
	}
	f.event(Event{Kind: EventDone, Name: r.File.Name, CPV: r.CPV, Result: r})
}

// noFetch runs pkg_nofetch of packages with files that failed.
func (f *Fetcher) noFetch(ctx context.Context, requests []*Request, results []*Result) error {
	if f.set.NoFetch == nil {
		return nil
	}
	i := 0
	var errs []error
	for _, q := range requests {
		failed := false
		for range q.Files {
			failed = failed || results[i].State == Failed
			i++
		}
		if failed && (q.Restrict.Fetch || q.HasNoFetch) {
			if err := f.set.NoFetch(ctx, q.CPV); err != nil {
				errs = append(errs, fmt.Errorf("run pkg_nofetch of %s: %w", q.CPV, err))
			}
		}
	}
	return errors.Join(errs...)
}

// interrupted says whether an error is not the fault of a server: the run was
// ended, or there is no room.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}
