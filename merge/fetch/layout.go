package fetch

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/manifest"
)

// A structure is one line of a mirror's layout.conf, in words: "flat",
// "filename-hash ALGORITHM CUTOFFS", "content-hash ALGORITHM CUTOFFS".
type structure []string

// ParseLayout reads the layout.conf of a mirror (GLEP 75): the lines 0=, 1=, ...
// of its section [structure], best first.
func ParseLayout(text []byte) ([][]string, error) {
	values := map[string]string{}
	section := ""
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[' && strings.HasSuffix(line, "]"):
			section = line[1 : len(line)-1]
		default:
			at := strings.IndexAny(line, "=:")
			if at < 0 || section == "" {
				return nil, fmt.Errorf("layout.conf:%d: expected KEY=VALUE in a section", i+1)
			}
			if section == "structure" {
				values[strings.TrimSpace(line[:at])] = strings.TrimSpace(line[at+1:])
			}
		}
	}
	var out [][]string
	for i := 0; ; i++ {
		value, ok := values[strconv.Itoa(i)]
		if !ok {
			return out, nil
		}
		out = append(out, strings.Fields(value))
	}
}

// layoutPath says where a file is on a mirror: by the first structure that is
// understood, else under its name.
func layoutPath(structures []structure, file *File) string {
	for _, s := range structures {
		if path, ok := s.path(file); ok {
			return path
		}
	}
	return file.Name
}

func (s structure) path(file *File) (string, bool) {
	if len(s) == 1 && s[0] == "flat" {
		return file.Name, true
	}
	if len(s) != 3 {
		return "", false
	}
	cutoffs, ok := parseCutoffs(s[2])
	if !ok {
		return "", false
	}
	digest, last := "", file.Name
	switch s[0] {
	case "filename-hash":
		h := manifest.NewHash(s[1])
		if h == nil {
			return "", false
		}
		_, _ = h.Write([]byte(file.Name)) // a hash never fails
		digest = hex.EncodeToString(h.Sum(nil))
	case "content-hash":
		digest = file.Entry.Hash(s[1])
		last = digest
	}
	if digest == "" {
		return "", false
	}
	var b strings.Builder
	for _, n := range cutoffs {
		n = min(n, len(digest))
		b.WriteString(digest[:n] + "/")
		digest = digest[n:]
	}
	return b.String() + last, true
}

// parseCutoffs reads "8:16": how many bits of a digest name each folder. The
// result counts hex digits.
func parseCutoffs(text string) ([]int, bool) {
	var out []int
	for word := range strings.SplitSeq(text, ":") {
		bits, err := strconv.Atoi(word)
		if err != nil || bits < 0 || bits%4 != 0 {
			return nil, false
		}
		out = append(out, bits/4)
	}
	return out, true
}

// layouts keeps the layouts of mirrors, in memory and for a day in DISTDIR, where
// Portage keeps them too.
type layouts struct {
	fetcher *Fetcher
	mu      sync.Mutex // of known
	known   map[string]*layoutOnce
	file    sync.Mutex // of the file in DISTDIR
}

type layoutOnce struct {
	once       sync.Once
	structures []structure
}

const (
	cacheName   = ".mirror-cache.json"
	cacheAge    = 24 * time.Hour
	layoutLimit = 64 << 10
)

// uri says where a file is on a mirror.
func (l *layouts) uri(ctx context.Context, mirror string, file *File) string {
	path := layoutPath(l.of(ctx, mirror), file)
	switch scheme(mirror) {
	case "http", "https", "ftp":
		path = quotePath(path)
	}
	return mirror + "/distfiles/" + path
}

// inFolder says where a file is in a folder that is a mirror.
func inFolder(folder string, file *File) string {
	var structures []structure
	if text, err := os.ReadFile(filepath.Join(folder, "layout.conf")); err == nil {
		structures = structured(text)
	}
	return filepath.Join(folder, layoutPath(structures, file))
}

// structured reads a layout; one that is broken is none.
func structured(text []byte) []structure {
	lines, err := ParseLayout(text)
	if err != nil {
		return nil
	}
	out := make([]structure, len(lines))
	for i, line := range lines {
		out[i] = line
	}
	return out
}

// of gives the layout of a mirror; none if it cannot be had.
func (l *layouts) of(ctx context.Context, mirror string) []structure {
	l.mu.Lock()
	once := l.known[mirror]
	if once == nil {
		once = &layoutOnce{}
		l.known[mirror] = once
	}
	l.mu.Unlock()
	once.once.Do(func() { once.structures = l.find(ctx, mirror) })
	return once.structures
}

func (l *layouts) find(ctx context.Context, mirror string) []structure {
	if s, ok := l.cached(mirror); ok {
		return s
	}
	text, err := l.fetcher.small(ctx, mirror+"/distfiles/layout.conf", layoutName(mirror))
	if err != nil {
		return nil
	}
	if _, err := ParseLayout(text); err != nil {
		return nil
	}
	s := structured(text)
	l.keep(mirror, s)
	return s
}

// layoutName is the file in DISTDIR that a command fetches a layout to.
func layoutName(mirror string) string {
	host := ""
	if u, err := url.Parse(mirror); err == nil {
		host = u.Hostname()
	}
	return ".layout.conf." + host
}

// A cacheEntry is [seconds since 1970, [[word, ...], ...]] in JSON.
type cacheEntry struct {
	at         float64
	structures []structure
}

// MarshalJSON writes the entry as Portage does.
func (e cacheEntry) MarshalJSON() ([]byte, error) { return json.Marshal([]any{e.at, e.structures}) }

// UnmarshalJSON reads the entry.
func (e *cacheEntry) UnmarshalJSON(text []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	if len(parts) != 2 {
		return errors.New("expected a time and a structure")
	}
	return errors.Join(json.Unmarshal(parts[0], &e.at), json.Unmarshal(parts[1], &e.structures))
}

func (l *layouts) path() string { return filepath.Join(l.fetcher.set.Distdir, cacheName) }

func (l *layouts) read() map[string]cacheEntry {
	entries := map[string]cacheEntry{}
	text, err := os.ReadFile(l.path())
	if err != nil || json.Unmarshal(text, &entries) != nil {
		return map[string]cacheEntry{} // made anew
	}
	return entries
}

func (l *layouts) cached(mirror string) ([]structure, bool) {
	if l.fetcher.set.Now == nil {
		return nil, false
	}
	l.file.Lock()
	defer l.file.Unlock()
	e, ok := l.read()[mirror]
	now := l.fetcher.set.Now()
	at := time.Unix(0, int64(e.at*1e9))
	return e.structures, ok && at.Add(cacheAge).After(now)
}

// keep notes a layout. If it cannot, the next run asks again.
func (l *layouts) keep(mirror string, s []structure) {
	if l.fetcher.set.Now == nil {
		return
	}
	l.file.Lock()
	defer l.file.Unlock()
	entries := l.read()
	if s == nil {
		s = []structure{}
	}
	entries[mirror] = cacheEntry{at: float64(l.fetcher.set.Now().UnixNano()) / 1e9, structures: s}
	var b bytes.Buffer
	if json.NewEncoder(&b).Encode(entries) == nil {
		_ = atomicfile.WriteFile(l.path(), b.Bytes(), fs.FileMode(0o664))
	}
}
