// Package glsa reads security advisories (GLSA), the files
// metadata/glsa/glsa-*.xml of a repository, and tells which of them concern a
// system and what to upgrade to.
//
// It knows of an advisory only what decides that: names, architectures and
// ranges of versions; the prose is not kept. PMS says nothing of advisories;
// the format is that of the GLSA DTD, the meaning Portage's. Where Portage ends
// with an exception, something wrong with one package of an advisory leaves out
// that package, and something wrong with an advisory leaves out the advisory.
package glsa

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// What is wrong with an advisory.
var (
	ErrID       = errors.New("not the name of an advisory, want glsa-YYYYMM-NN.xml")
	ErrType     = errors.New("the document type is not that of an advisory")
	ErrMismatch = errors.New("the id differs from the name of the file")
	ErrRevision = errors.New("count of revised is not a number")
	ErrElement  = errors.New("missing element")
	ErrName     = errors.New("not the name of a package")
	ErrArch     = errors.New("not a list of architectures")
	ErrRange    = errors.New("not a range")
	ErrVersion  = errors.New("not a version of the range")
)

// An Advisory is one security advisory.
type Advisory struct {
	ID       string // "200301-01"
	File     string
	Title    string
	Revision int
	Packages []Package // in the order of the file; a name may come up again
}

// A Package is what an advisory says about the versions of one package on some
// architectures.
type Package struct {
	CP         atoms.CP
	Arches     []string // nil for all
	Auto       bool     // an upgrade is all that it takes
	Vulnerable []Range
	Unaffected []Range
	Line       int
}

// On says if the package is affected on an architecture.
func (p *Package) On(arch string) bool {
	for _, a := range p.Arches {
		if a == arch {
			return true
		}
	}
	return p.Arches == nil
}

// Read reads all advisories of a folder, sorted by id. A missing folder has
// none. Problems are *linefile.Problem values, by file and line.
func Read(dir string) (list []*Advisory, problems []error) {
	entries, err := os.ReadDir(dir) // sorted
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, nil
		}
		return nil, []error{fmt.Errorf("read advisories: %w", err)}
	}
	var files []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "glsa-") && strings.HasSuffix(e.Name(), ".xml") {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	type result struct {
		advisory *Advisory
		problems []error
	}
	results := make([]result, len(files))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(files)); i = next.Add(1) - 1 {
				results[i].advisory, results[i].problems = ReadFile(files[i])
			}
		})
	}
	wg.Wait()
	for _, r := range results {
		if r.advisory != nil {
			list = append(list, r.advisory)
		}
		problems = append(problems, r.problems...)
	}
	return list, problems
}

// ReadFile reads one advisory; nil if the whole file is bad.
func ReadFile(file string) (*Advisory, []error) {
	id := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "glsa-"), ".xml")
	if !isID(id) {
		return nil, []error{&linefile.Problem{File: file, Err: ErrID}}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, []error{fmt.Errorf("read advisory: %w", err)}
	}
	return Parse(file, id, text)
}

// isID says if a text begins like the id of an advisory: a month and a number.
func isID(text string) bool {
	return regexp.MustCompile(`^[0-9]{6}-[0-9]{2}`).MatchString(text)
}

// Applied reads the ids that a file lists as dealt with: one on a line. A
// missing file lists none.
func Applied(file string) (map[string]bool, []error) {
	lines, problems := linefile.Read(file, linefile.FileOnly)
	ids := make(map[string]bool, len(lines))
	for _, l := range lines {
		ids[strings.Join(l.Words, " ")] = true
	}
	return ids, problems
}
