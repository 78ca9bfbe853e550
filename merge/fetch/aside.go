package fetch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// asideInfix is in the names of files that were wrong: NAME._checksum_failure_.X
const asideInfix = "._checksum_failure_."

// SetAside renames the file at path to name with a suffix of chance, and gives the
// new path. If a file with the same content was set aside before, path is removed.
func SetAside(path, name string) (string, error) {
	dir, base := filepath.Split(name)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), base+asideInfix) || !e.Type().IsRegular() {
			continue
		}
		old := filepath.Join(dir, e.Name())
		if same, err := sameContent(path, old); err == nil && same {
			return old, os.Remove(path)
		}
	}
	for {
		aside := filepath.Join(dir, base+asideInfix+chance())
		f, err := os.OpenFile(aside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := f.Close(); err != nil {
			return "", err
		}
		return aside, os.Rename(path, aside)
	}
}

// chance is a suffix like those that Portage gives: eight letters, digits or _.
func chance() string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
	var text [8]byte
	for i := range text {
		text[i] = letters[rand.IntN(len(letters))]
	}
	return string(text[:])
}

func sameContent(a, b string) (bool, error) {
	first, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer first.Close()
	second, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer second.Close()
	s1, err1 := first.Stat()
	s2, err2 := second.Stat()
	if err := errors.Join(err1, err2); err != nil || s1.Size() != s2.Size() {
		return false, err
	}
	one, two := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(first, one)
		if m, _ := io.ReadFull(second, two); m != n || !bytes.Equal(one[:n], two[:m]) {
			return false, nil
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// A SpaceError says that a file does not fit into DISTDIR.
type SpaceError struct {
	Name    string
	Dir     string
	Need    int64 // bytes
	Have    int64 // bytes this process may use
	HaveAll int64 // bytes the superuser may use
}

// Error gives the numbers.
func (e *SpaceError) Error() string {
	text := fmt.Sprintf("there is no space for %s in %s: it needs %d bytes, %d are free", e.Name, e.Dir, e.Need, e.Have)
	if e.HaveAll > e.Need {
		text += fmt.Sprintf(" (%d for the superuser)", e.HaveAll)
	}
	return text
}

// checkSpace refuses a file that does not fit, as far as that is known.
func (j *job) checkSpace() error {
	if !j.file.known() {
		return nil
	}
	var st unix.Statfs_t
	if unix.Statfs(j.f.set.Distdir, &st) != nil {
		return nil // the first write will tell
	}
	need := j.file.Entry.Size + st.Bsize
	if part, err := os.Stat(j.part); err == nil {
		need -= part.Size()
	}
	have, all := int64(st.Bavail)*st.Bsize, int64(st.Bfree)*st.Bsize
	if os.Geteuid() == 0 {
		have = all
	}
	if need >= have {
		return &SpaceError{Name: j.file.Name, Dir: j.f.set.Distdir, Need: need, Have: have, HaveAll: all}
	}
	return nil
}
