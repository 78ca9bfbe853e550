package emaint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/vdb"
)

// entries calls do for each entry of the database, by name, and collects errors.
func (r *run) entries(do func(dir string) error) (messages []string, err error) {
	list, _ := r.installedAsWritten().All() // what cannot be read has no entry to look at
	for _, p := range list {
		if err := do(entryOf(p)); err != nil {
			messages = append(messages, fmt.Sprintf("%s: %v", p.CPV, err))
		}
	}
	return messages, nil
}

// entryOf is the folder of an installed package.
func entryOf(p *ebuild.Package) string { return p.Path }

// checkVDB counts the entries with a file metadata that can be used.
func checkVDB(_ context.Context, r *run) (bool, []string, error) {
	total, with := 0, 0
	_, err := r.entries(func(dir string) error {
		total++
		if vdb.Stamped(dir) {
			with++
		}
		return nil
	})
	if err != nil || with == total {
		return true, nil, err
	}
	return false, []string{
		fmt.Sprintf("%d packages in VDB", total),
		fmt.Sprintf("  %d have consolidated metadata file", with),
		fmt.Sprintf("  %d are missing, stale, or use an older format", total-with),
		"Run 'emaint vdb --fix' to populate missing metadata files.",
	}, nil
}

// fixVDB writes the file where it is missing.
func fixVDB(_ context.Context, r *run) (bool, []string, error) {
	messages, err := r.entries(func(dir string) error {
		if !vdb.Stamped(dir) {
			if err := vdb.Consolidate(dir); err != nil {
				return err
			}
		}
		if !r.words.Has("--delete-individual-files") {
			return nil
		}
		names, err := vdb.Consolidated(dir)
		if err != nil {
			return err
		}
		for name := range names {
			if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
		return vdb.Stamp(dir)
	})
	return len(messages) == 0, messages, err
}

// removeVDB restores what only the file has, and removes it.
func removeVDB(_ context.Context, r *run) (bool, []string, error) {
	restored := 0
	messages, err := r.entries(func(dir string) error {
		n, err := vdb.Explode(dir)
		restored += n
		return err
	})
	if err != nil || len(messages) > 0 {
		return false, messages, err
	}
	if restored > 0 {
		messages = []string{fmt.Sprintf("Restored %d individual VDB files.", restored)}
	}
	return true, messages, nil
}
