// Package binhost fetches from binhosts: the indices, the Packages files that say
// which binary packages can be had from there, of which it keeps copies, and the
// package files.
//
// PMS says nothing of binhosts; when a copy is asked for anew, and where it is
// kept, follows Portage (bintree._populate_remote). Addresses with http, https
// and file, and plain paths, are served; package files also by FETCHCOMMAND. A
// package file gets its name only when size and digests are those of the index. The
// package refuses to judge what an index says, and to verify signatures.
package binhost

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/profiles/binrepos"
)

// Reasons why an index cannot be had.
var (
	ErrScheme = errors.New("only http, https, file and paths are supported")
	ErrFrozen = errors.New("the binhost is frozen and there is no copy of its index")
	ErrSize   = errors.New("the index is larger than any index can be")
)

// MaxSize is the size in bytes beyond which an index is not read.
const MaxSize = 1 << 30

// A Fetcher gets indices. The zero Fetcher keeps no copies.
type Fetcher struct {
	Client *http.Client // nil: http.DefaultClient
	Now    time.Time    // when the request is made, for how long copies serve
	// Cache is where copies are kept, below a folder for each binhost
	// (EROOT/var/cache/edb/binhost in Portage); empty: none are.
	Cache string
}

// Index returns the index of a binhost. With the error, the index is that of
// the kept copy, nil if there is none. A copy serves for the seconds that its
// TTL says, and for ever if the binhost is frozen.
func (f *Fetcher) Index(ctx context.Context, repo binrepos.Repo) (*binpkg.Index, error) {
	address, err := url.Parse(repo.SyncURI)
	if err != nil {
		return nil, fmt.Errorf("binhost %s: %w", repo.Label(), err)
	}
	switch address.Scheme {
	case "", "file":
		x, err := binpkg.ReadIndex(filepath.Join(address.Path, "Packages"))
		if err != nil {
			return nil, fmt.Errorf("binhost %s: %w", repo.Label(), err)
		}
		return x, nil
	case "http", "https":
	default:
		return nil, fmt.Errorf("binhost %s: %s: %w", repo.Label(), repo.SyncURI, ErrScheme)
	}
	kept, text := f.kept(address)
	if kept != nil && (repo.Frozen || f.fresh(kept)) {
		return kept, nil
	}
	if repo.Frozen {
		return nil, fmt.Errorf("binhost %s: %w", repo.Label(), ErrFrozen)
	}
	fetched, err := f.fetch(ctx, repo, kept)
	if err != nil {
		return kept, fmt.Errorf("binhost %s: %w", repo.Label(), err)
	}
	if fetched == nil {
		fetched = text // not modified since
	}
	if err := f.keep(address, fetched); err != nil {
		return binpkg.ParseIndex(repo.SyncURI+"/Packages", fetched), fmt.Errorf("keep the index of binhost %s: %w", repo.Label(), err)
	}
	return binpkg.ParseIndex(repo.SyncURI+"/Packages", fetched), nil
}

// path is the place of the copy of a binhost's index.
func (f *Fetcher) path(address *url.URL) string {
	return filepath.Join(f.Cache, address.Hostname(), filepath.Clean("/"+address.Path), "Packages")
}

// kept returns the copy of an index with its text, nil if there is none that
// can be read.
func (f *Fetcher) kept(address *url.URL) (*binpkg.Index, []byte) {
	if f.Cache == "" {
		return nil, nil
	}
	path := f.path(address)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil
	}
	x := binpkg.ParseIndex(path, text)
	if x.Header.Get("TIMESTAMP") == "" {
		return nil, nil
	}
	return x, text
}

// fresh says if a copy still serves: less than TTL seconds have passed since
// it was fetched.
func (f *Fetcher) fresh(x *binpkg.Index) bool {
	ttl, err1 := strconv.ParseFloat(x.Header.Get("TTL"), 64)
	fetched, err2 := strconv.ParseFloat(x.Header.Get("DOWNLOAD_TIMESTAMP"), 64)
	return err1 == nil && err2 == nil && ttl > 0 && fetched > 0 && fetched+ttl > float64(f.Now.Unix())
}

// fetch gets the text of an index, compressed where the binhost has that. The
// text is nil if it has not changed since kept.
func (f *Fetcher) fetch(ctx context.Context, repo binrepos.Repo, kept *binpkg.Index) ([]byte, error) {
	var first error
	for _, name := range [...]string{"Packages.gz", "Packages"} {
		text, err := f.get(ctx, repo.SyncURI+"/"+name, kept)
		if err == nil {
			return text, nil
		}
		if first == nil || name == "Packages" {
			first = err
		}
	}
	return nil, first
}

func (f *Fetcher) get(ctx context.Context, address string, kept *binpkg.Index) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		if seconds, err := strconv.ParseInt(kept.Header.Get("TIMESTAMP"), 10, 64); err == nil {
			request.Header.Set("If-Modified-Since", time.Unix(seconds, 0).UTC().Format(http.TimeFormat))
		}
	}
	client := f.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() // what was read is complete or an error already
	switch {
	case response.StatusCode == http.StatusNotModified && kept != nil:
		return nil, nil
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: %s", address, response.Status)
	}
	body := io.Reader(response.Body)
	if strings.HasSuffix(address, ".gz") {
		if body, err = gzip.NewReader(body); err != nil {
			return nil, fmt.Errorf("%s: %w", address, err)
		}
	}
	text, err := io.ReadAll(io.LimitReader(body, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	if len(text) > MaxSize {
		return nil, fmt.Errorf("%s: %w", address, ErrSize)
	}
	return text, nil
}

// keep writes a copy with the time at which it was fetched. A place that may
// not be written is no error: the next request fetches again.
func (f *Fetcher) keep(address *url.URL, text []byte) error {
	if f.Cache == "" {
		return nil
	}
	path := f.path(address)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return unwritable(err)
	}
	return unwritable(atomicfile.WriteFile(path, stamped(text, f.Now), 0o644))
}

func unwritable(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, errReadOnly) {
		return nil
	}
	return err
}

// stamped puts the line DOWNLOAD_TIMESTAMP into the header of an index.
func stamped(text []byte, now time.Time) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "DOWNLOAD_TIMESTAMP: %d\n", now.Unix())
	header := true
	for line := range bytes.Lines(text) {
		header = header && len(bytes.TrimSpace(line)) > 0
		if header && bytes.HasPrefix(line, []byte("DOWNLOAD_TIMESTAMP:")) {
			continue
		}
		out.Write(line)
	}
	return out.Bytes()
}
