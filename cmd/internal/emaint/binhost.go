package emaint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/merge/binpkg"
)

// pkgdir is PKGDIR of the target.
func (r *run) pkgdir() *binpkg.Dir { return r.places().PKGDIR() }

// checkBinhost compares the index of PKGDIR with its files.
func checkBinhost(_ context.Context, r *run) (bool, []string, error) {
	messages, err := r.binhostFaults()
	return len(messages) == 0, messages, err
}

// fixBinhost makes the index anew if it is wrong.
func fixBinhost(ctx context.Context, r *run) (bool, []string, error) {
	messages, err := r.binhostFaults()
	if err != nil || len(messages) == 0 {
		return true, nil, err
	}
	_, err = r.pkgdir().Reindex(ctx, r.session.Repos.HasCategory, r.now)
	return true, nil, err
}

func (r *run) binhostFaults() (messages []string, err error) {
	dir := r.pkgdir()
	faults, err := dir.Check(r.session.Repos.HasCategory)
	if err != nil {
		return nil, err
	}
	r.warn(faults.Problems...)
	for _, cpv := range faults.Missing {
		messages = append(messages, fmt.Sprintf("'%s' is not in Packages", cpv))
	}
	for _, cpv := range faults.Stale {
		messages = append(messages, fmt.Sprintf("'%s' is not in the repository", cpv))
	}
	more, err := compressedIndex(dir)
	return append(messages, more...), err
}

// compressedIndex compares the index with its compressed copy.
func compressedIndex(dir *binpkg.Dir) (messages []string, err error) {
	var times [2]int64
	for i, suffix := range []string{"", ".gz"} {
		path := filepath.Join(dir.Path, "Packages") + suffix
		st, err := os.Stat(path)
		switch {
		case err == nil:
			times[i] = st.ModTime().Unix()
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		default:
			times[i] = -1
			if suffix == "" || dir.CompressIndex {
				messages = append(messages, "Missing index file: "+path)
			}
		}
	}
	switch {
	case dir.CompressIndex && times[0] >= 0 && times[1] >= 0 && times[0] != times[1]:
		messages = append(messages, fmt.Sprintf("Uncompressed index timestamp '%d' is not equal to compressed index timestamp '%d'", times[0], times[1]))
	case !dir.CompressIndex && times[1] >= 0:
		messages = append(messages, fmt.Sprintf("Compressed index exists but 'compress-index' feature is disabled: %s/Packages.gz", dir.Path))
	}
	return messages, nil
}
