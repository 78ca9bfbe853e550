package merging

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/fetch"
)

// intact compares a package file with what the index of PKGDIR says of it, and tells
// so with say. A file that is something else is set aside, so that nobody takes it
// again. It gives the MD5 of the file; "" if the index has nothing about it.
func (k *Packer) intact(root *session.Root, p *ebuild.Package, path string, say func(string, ...any)) (string, error) {
	stanza := k.stanza(root, p, path)
	if stanza == nil {
		return "", nil
	}
	checked, err := binpkg.Check(path, stanza)
	var wrong *binpkg.DigestError
	if errors.As(err, &wrong) {
		say("\n!!! Digest verification failed:\n!!! %s\n!!! Reason: Failed on %s verification\n!!! Got: %s\n!!! Expected: %s", path, wrong.What, wrong.Got, wrong.Want)
		aside, err := fetch.SetAside(path, path)
		if err != nil {
			return "", fmt.Errorf("%w; set it aside: %w", wrong, err)
		}
		say("File renamed to '%s'", aside)
		return "", fmt.Errorf("%w; it was renamed to %s", wrong, filepath.Base(aside))
	}
	if err != nil {
		return "", err
	}
	if len(checked.Names) > 0 {
		say("%s", goodText(filepath.Base(path), checked.Names))
	}
	return checked.MD5, nil
}

// goodText is the line about a file whose digests are right.
func goodText(name string, digests []string) string {
	text := fmt.Sprintf(" * %s %s ;-) ...", name, strings.Join(digests, " "))
	const end, status = 79, "[ ok ]" // the column where Portage's lines end
	return text + strings.Repeat(" ", max(end-len(text)-len(status), 0)) + status
}

// stanza finds what the index of PKGDIR says of a package file; nil if nothing.
func (k *Packer) stanza(root *session.Root, p *ebuild.Package, path string) *binpkg.Stanza {
	dir := root.Config.Get("PKGDIR")
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	index, known := k.indices[dir]
	if !known || p.Remote != "" { // what was fetched is new in it
		if index, err = binpkg.ReadIndex(filepath.Join(dir, "Packages")); err != nil {
			index = nil // then there is nothing to compare with
		}
		if k.indices == nil {
			k.indices = make(map[string]*binpkg.Index)
		}
		k.indices[dir] = index
	}
	if index == nil {
		return nil
	}
	for _, s := range index.Stanzas {
		if s.CPV == p.CPV && (s.Path() == "" || s.Path() == name) {
			return s
		}
	}
	return nil
}
