package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/inroot"
)

// A flush makes files and folders durable at once: file systems with a journal of
// their own take those that wait together in one turn. Their order is no matter, as
// none is relied on before all are done.
type flush struct{ files []*os.File }

// flushers is how many wait together.
const flushers = 8

// add takes in a file or folder. One that is gone is no error.
func (f *flush) add(root *inroot.FS, name string) error {
	file, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	if err != nil {
		return err
	}
	f.files = append(f.files, file)
	return nil
}

// run makes all durable, and lets go of them.
func (f *flush) run() error {
	defer f.drop()
	errs := make([]error, len(f.files))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(flushers, len(f.files)) {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(f.files)); i = next.Add(1) - 1 {
				if err := f.files[i].Sync(); err != nil && !errors.Is(err, unix.EINVAL) {
					errs[i] = fmt.Errorf("sync %s: %w", f.files[i].Name(), err)
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// drop lets go of what was taken in.
func (f *flush) drop() {
	for _, file := range f.files {
		file.Close() // it was only synchronised
	}
	f.files = nil
}
