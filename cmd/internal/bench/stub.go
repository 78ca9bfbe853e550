package main

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// stubEbuild is what every ebuild of a stub tree holds.
const stubEbuild = "# Only the cache entry of this ebuild is recorded.\nEAPI=8\n"

// writeStubCorpus makes a copy of the corpus at from in which every cache entry
// has an ebuild, which the corpus lacks: a stub whose digest the entry then
// carries. Programs that list ebuild files, as Portage does, can read such
// trees; sourcing an ebuild of them makes no sense. All but the trees is linked.
func writeStubCorpus(from, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"config", "states", "answers", "requests.json"} {
		if err := os.Symlink(filepath.Join(from, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return writeStubTrees(filepath.Join(from, "trees"), filepath.Join(dir, "trees"))
}

func writeStubTrees(trees, dir string) error {
	return filepath.WalkDir(trees, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(trees, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, rel)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if parts := strings.Split(rel, "/"); len(parts) == 5 && parts[1] == "metadata" && parts[2] == "md5-cache" {
			text = stubEntry(text)
			if err := writeStub(filepath.Join(dir, parts[0], parts[3]), parts[4]); err != nil {
				return err
			}
		}
		return os.WriteFile(to, text, 0o644)
	})
}

// stubEntry gives a cache entry the stub's digest and no eclasses.
func stubEntry(text []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		if !bytes.HasPrefix(line, []byte("_")) {
			out.Write(line)
		}
	}
	fmt.Fprintf(&out, "_md5_=%x\n", md5.Sum([]byte(stubEbuild)))
	return out.Bytes()
}

// writeStub writes the ebuild of a cache entry called pf into its category.
func writeStub(category, pf string) error {
	dir := filepath.Join(category, name(pf))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, pf+".ebuild"), []byte(stubEbuild), 0o644)
}

// name is the PN of a PF: what stands before the version, which starts at the
// last hyphen before a digit that is not a revision's.
func name(pf string) string {
	if i := strings.LastIndex(pf, "-r"); i > 0 && strings.Trim(pf[i+2:], "0123456789") == "" && len(pf) > i+2 {
		pf = pf[:i]
	}
	return pf[:strings.LastIndexByte(pf, '-')]
}
