package repotest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/eclass"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

// A Generator makes metadata of ebuilds whose text is that of a cache entry, as
// those of [Write] may be, to which EAPI=8 and SLOT=0 are added. An eclass in
// INHERIT is one that was used. A line without "=" is an error, EAPI=future an
// EAPI that is not supported. It is an ebuild.MetadataGenerator.
type Generator struct {
	mu   sync.Mutex
	read []string
}

// Entry reads an ebuild.
func (g *Generator) Entry(ctx context.Context, r *ebuild.Repository, cpv atoms.CPV, path string) (*md5cache.Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g.mu.Lock()
	g.read = append(g.read, cpv.String())
	g.mu.Unlock()
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sum, err := eclass.FileMD5(path)
	if err != nil {
		return nil, err
	}
	values := map[string]string{"EAPI": "8", "SLOT": "0", "_md5_": sum}
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%s:%d: %s", path, i+1, line)
		}
		values[key] = value
	}
	if values["EAPI"] == "future" {
		return nil, &ebuild.UnsupportedEAPIError{EAPI: "future"}
	}
	if name := values["INHERIT"]; name != "" {
		digest, _ := r.Eclasses().MD5(name)
		values["_eclasses_"] = name + "\t" + digest
	}
	return md5cache.New(values)
}

// Read lists what was read so far, sorted.
func (g *Generator) Read() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Sorted(slices.Values(g.read))
}
