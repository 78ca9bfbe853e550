package emaint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// merging is what stands before the name of an entry while it is merged.
const merging = "-MERGING-"

func mapsKeys[V any](m map[string]V) func(func(string) bool) { return maps.Keys(m) }

func (r *run) tracking() string { return filepath.Join(r.eroot(), "var/lib/portage/failed-merges") }

// unfinished finds the merges that did not end: folders of the database, and their
// times.
func (r *run) unfinished() (map[string]int64, error) {
	db := filepath.Join(r.eroot(), "var/db/pkg")
	out := map[string]int64{}
	found, err := filepath.Glob(filepath.Join(globQuoted(db), "*", merging+"*"))
	if err != nil {
		return nil, err
	}
	for _, path := range found {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		out[path] = info.ModTime().Unix()
	}
	return out, nil
}

// globQuoted keeps a path from being read as a pattern.
func globQuoted(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// failures are the unfinished merges and those noted earlier.
func (r *run) failures() (map[string]int64, error) {
	out, err := r.unfinished()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(r.tracking())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 2 {
			return nil, fmt.Errorf("%s:%d: expected a path and a time: %q", r.tracking(), number, strings.TrimSpace(line))
		}
		when, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %q is no time", r.tracking(), number, words[1])
		}
		if _, ok := out[words[0]]; !ok {
			out[words[0]] = when
		}
	}
	return out, nil
}

// checkMerges lists them.
func checkMerges(_ context.Context, r *run) (bool, []string, error) {
	failed, err := r.failures()
	var messages []string
	for _, path := range slices.Sorted(mapsKeys(failed)) {
		messages = append(messages, fmt.Sprintf("'%s' failed to merge on '%s'", path, time.Unix(failed[path], 0).Format(time.ANSIC)))
	}
	return len(messages) == 0, messages, err
}

// nameOf is the package of an unfinished merge.
func nameOf(path string) string {
	return filepath.Base(filepath.Dir(path)) + "/" + strings.TrimPrefix(filepath.Base(path), merging)
}

// fixMerges removes what is left of them and merges them again.
func fixMerges(ctx context.Context, r *run) (bool, []string, error) {
	failed, err := r.failures()
	if err != nil {
		return false, nil, err
	}
	if len(failed) == 0 {
		return true, []string{"No failed merges found."}, nil
	}
	paths := slices.Sorted(mapsKeys(failed))
	if faults := r.unmergeable(paths); len(faults) > 0 {
		return false, faults, nil
	}
	if err := r.track(failed); err != nil {
		return false, []string{fmt.Sprintf("Unable to save failed merges to tracking file: %v\n", err), strings.Join(paths, ", ")}, nil
	}
	ask := "--ask"
	if r.words.Has("--yes") {
		ask = "--ask=n"
	}
	args := []string{ask, "--quiet", "--oneshot", "--complete-graph=y"}
	var names []string
	for _, path := range paths {
		if err := os.RemoveAll(r.inDatabase(path)); err != nil {
			return false, nil, err
		}
		names = append(names, "="+nameOf(path))
	}
	_, _ = fmt.Fprint(r.env.Out, "Re-Emerging packages that failed to merge...\n")
	env := r.env.With("emerge", append(args, names...))
	env.Vars = maps.Clone(env.Vars)
	env.Vars["FEATURES"] = strings.TrimSpace(env.Vars["FEATURES"] + " -collision-protect -protect-owned")
	verdict := "Successfully emerged"
	if err := emerge.Main(ctx, env); err != nil {
		r.env.Report(err)
		verdict = "Failed to emerge"
	}
	messages := []string{fmt.Sprintf("%s '%s'", verdict, strings.Join(names, " "))}
	left, err := r.unfinished()
	if err != nil {
		return false, messages, err
	}
	for _, path := range slices.Sorted(mapsKeys(left)) {
		messages = append(messages, fmt.Sprintf("'%s' still found as a failed merge.", path))
	}
	for _, path := range paths {
		if session.IsDir(filepath.Join(r.eroot(), "var/db/pkg", nameOf(path))) {
			delete(failed, path)
		}
	}
	return len(failed) == 0, messages, r.track(failed)
}

// inDatabase is the folder of an unfinished merge, wherever its name says it is.
func (r *run) inDatabase(path string) string {
	return filepath.Join(r.eroot(), "var/db/pkg", filepath.Base(filepath.Dir(path)), filepath.Base(path))
}

// unmergeable tells which of them cannot be merged again.
func (r *run) unmergeable(paths []string) (faults []string) {
	for _, path := range paths {
		name := nameOf(path)
		cpv, err := atoms.ParseCPV(name)
		if err != nil {
			faults = append(faults, fmt.Sprintf("'=%s' is an invalid package atom.", name))
			continue
		}
		found := false
		list, _ := r.session.Repos.Packages(cpv.CP) // what is wrong with ebuilds is told when they are merged
		for _, p := range list {
			found = found || p.CPV == cpv
		}
		if !found {
			faults = append(faults, fmt.Sprintf("'%s' does not exist in the ebuild repository.", name))
		}
	}
	return faults
}

// track notes merges that are still to be done.
func (r *run) track(failed map[string]int64) error {
	var lines []string
	for _, path := range slices.Sorted(mapsKeys(failed)) {
		lines = append(lines, fmt.Sprintf("%s %d", path, failed[path]))
	}
	if err := os.MkdirAll(filepath.Dir(r.tracking()), 0o755); err != nil {
		return err
	}
	return atomicfile.WriteFile(r.tracking(), []byte(strings.Join(lines, "\n")), 0o644)
}

// purgeMerges forgets the merges noted earlier.
func purgeMerges(_ context.Context, r *run) (bool, []string, error) {
	err := os.Remove(r.tracking())
	if errors.Is(err, fs.ErrNotExist) {
		return true, []string{"Tracking file not found."}, nil
	}
	return err == nil, []string{"Removed tracking file."}, err
}
