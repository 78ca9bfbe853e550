package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/resolver/scaletest"
)

// scaleRuns is how often an update of each tree is timed with a warm index.
const scaleRuns = 3

// scaleSizes are the versions of the trees of the curve. The largest is as
// large as ::gentoo.
func scaleSizes() []int { return []int{2000, 4000, 8000, 16000, 32000} }

// writeCommand is the argument by which this program writes a tree.
const writeCommand = "write-tree"

// conflicts is what makes the last tree one with conflicts.
const conflicts = 20

// scale times an update of @world on generated trees, and on a large one with
// conflicts. The last column tells how the time of one pass grows from the line
// before: as n to the power of what it says. That of n log n is 1.1; the start
// of the process makes it less.
func scale(program, work string) error {
	fmt.Printf("\n%-24s %10s %10s %10s %8s %8s %8s\n",
		"-uDN @world, versions", "installed", "warm ms", "CPU ms", "MiB", "passes", "power")
	last := 0.0
	for _, n := range scaleSizes() {
		each, err := scaleOne(program, filepath.Join(work, "scale"), scaletest.OfVersions(n), last)
		if err != nil {
			return fmt.Errorf("tree of %d versions: %w", n, err)
		}
		last = each
	}
	size := scaletest.OfVersions(32000)
	size.Capped = conflicts
	if _, err := scaleOne(program, filepath.Join(work, "scale"), size, 0); err != nil {
		return fmt.Errorf("tree with conflicts: %w", err)
	}
	return nil
}

// scaleOne times one tree, written to dir, and returns the milliseconds of the
// processors for each pass; last is that of the tree before.
func scaleOne(program, dir string, size scaletest.Size, last float64) (each float64, err error) {
	counts, err := writeElsewhere(size, dir)
	if err != nil {
		return 0, err
	}
	r, err := timeTree(program, dir)
	if err != nil {
		return 0, err
	}
	power, passes := "-", passes(r.output)
	each = r.cpuMilliseconds() / float64(passes)
	if last > 0 {
		power = fmt.Sprintf("%.2f", math.Log2(each/last))
	}
	fmt.Printf("%-24s %10s %10.1f %10.1f %8.1f %8d %8s\n", counts[0], counts[1],
		r.milliseconds(), r.cpuMilliseconds(), r.mebibytes(), passes, power)
	return each, os.RemoveAll(dir)
}

// writeElsewhere has another process of this program write a tree, and returns
// how many versions and installed packages there are. Memory that this process
// holds would count as that of the processes which it measures.
func writeElsewhere(size scaletest.Size, dir string) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(size)
	if err != nil {
		return nil, err
	}
	r, err := measure(exec.Command(self, writeCommand, string(text), dir), environment(nil))
	if err != nil {
		return nil, err
	}
	counts := strings.Fields(r.output)
	if len(counts) != 2 {
		return nil, fmt.Errorf("%s said %q", writeCommand, r.output)
	}
	return counts, nil
}

// writeTree writes a tree whose size is given as JSON, and tells its counts.
func writeTree(text, dir string) error {
	var size scaletest.Size
	if err := json.Unmarshal([]byte(text), &size); err != nil {
		return err
	}
	tree := scaletest.Generate(1, size)
	fmt.Println(len(tree.Ebuilds), len(tree.Installed))
	return tree.Write(dir)
}

// timeTree times an update of the tree in a folder, once its index is there.
func timeTree(program, dir string) (run, error) {
	once := func() (run, error) {
		return measure(exec.Command(program, "emerge", "--pretend", "--color=n", "-uDN", "@world"), environment(map[string]string{
			"TERM": "dumb", "LC_ALL": "C.UTF-8",
			"TUMPLINE_BUILD_ROOT": dir, "TUMPLINE_CACHE_DIR": filepath.Join(dir, "cache"),
		}))
	}
	if _, err := once(); err != nil {
		return run{}, err
	}
	return best(scaleRuns, once)
}

// passes is how many passes a run made: one more than the restarts it tells of.
func passes(output string) int {
	_, rest, _ := strings.Cut(output, "(backtrack: ")
	number, _, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 1 // nothing is said of restarts
	}
	return n + 1
}
