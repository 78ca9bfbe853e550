// Command bench times whole runs of the program on the recorded Flatcar corpus
// and, where real Portage is at hand, states them as ratios of the same run.
//
//	bench PROGRAM
//
// PORTAGE_SRC names a checkout of gentoo/portage. Portage is run where / looks
// like the SDK, in a mount namespace of its own, which needs root; what is
// absent is said and left out. The corpus lies in ../shared beside the
// repository. This is a tool of the project, not of its users.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/corpustest"
)

// The requests that are timed, and how often: the fastest run counts, since
// everything else a machine does only adds time.
const (
	warmRuns    = 9
	portageRuns = 3
)

func timedRequests() []string {
	return []string{"sdk-emptytree", "amd64-usr-bash-empty", "amd64-usr-curl-step1", "amd64-usr-break-step1"}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bench PROGRAM")
		os.Exit(2)
	}
	if err := bench(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(program string) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "tumpline-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	shared, err := filepath.Abs("../shared/corpus/flatcar")
	if err != nil {
		return err
	}
	corpus, err := corpustest.Open(shared, work)
	if errors.Is(err, os.ErrNotExist) {
		fmt.Println("whole processes: left out, the Flatcar corpus is not beside the repository")
		return nil
	}
	if err != nil {
		return err
	}
	portage := findPortage(os.Getenv("PORTAGE_SRC"))
	if portage != nil {
		trees := filepath.Join(work, "trees")
		if err := corpus.WriteStubTrees(trees); err != nil {
			return err
		}
		corpus.UseTrees(trees)
	}
	return compare(program, portage, corpus, work)
}

func compare(program string, portage *portage, corpus *corpustest.Corpus, work string) error {
	all, err := corpus.Requests()
	if err != nil {
		return err
	}
	fmt.Printf("%-24s %10s %10s %8s", "request (best run)", "cold ms", "warm ms", "MiB")
	if portage != nil {
		fmt.Printf(" %12s %10s %10s", "Portage ms", "time", "memory")
	}
	fmt.Println()
	for _, id := range timedRequests() {
		i := slices.IndexFunc(all, func(r corpustest.Request) bool { return r.ID == id })
		if i < 0 {
			return fmt.Errorf("the corpus has no request %s", id)
		}
		place, err := corpus.Lay(all[i])
		if err != nil {
			return err
		}
		if err := compareOne(program, portage, place, id, work); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}

func compareOne(program string, portage *portage, place *corpustest.Place, id, work string) error {
	ours := func() (run, error) {
		return measure(exec.Command(program, append([]string{"emerge"}, place.Args...)...), environment(place.Vars))
	}
	if err := os.RemoveAll(place.Vars["TUMPLINE_CACHE_DIR"]); err != nil {
		return err
	}
	cold, err := ours()
	if err != nil {
		return err
	}
	warm, err := best(warmRuns, ours)
	if err != nil {
		return err
	}
	fmt.Printf("%-24s %10.1f %10.1f %8.1f", id, cold.milliseconds(), warm.milliseconds(), warm.mebibytes())
	if portage != nil {
		theirs, err := best(portageRuns, func() (run, error) { return portage.measure(place, work) })
		if err != nil {
			fmt.Println()
			return err
		}
		fmt.Printf(" %12.1f %9.1fx %9.1fx", theirs.milliseconds(),
			theirs.milliseconds()/warm.milliseconds(), theirs.mebibytes()/warm.mebibytes())
	}
	fmt.Println()
	return nil
}

// A run is what one process took.
type run struct {
	wall   time.Duration
	memory int64 // largest resident set, KiB
}

func (r run) milliseconds() float64 { return float64(r.wall.Microseconds()) / 1000 }
func (r run) mebibytes() float64    { return float64(r.memory) / 1024 }

// best is the run that took the least time, with the least memory of all.
func best(n int, once func() (run, error)) (run, error) {
	var runs []run
	for range n {
		r, err := once()
		if err != nil {
			return run{}, err
		}
		runs = append(runs, r)
	}
	fastest := slices.MinFunc(runs, func(a, b run) int { return cmp.Compare(a.wall, b.wall) })
	smallest := slices.MinFunc(runs, func(a, b run) int { return cmp.Compare(a.memory, b.memory) })
	return run{fastest.wall, smallest.memory}, nil
}

// measure runs a command and takes its time. A request that has no answer is
// an answer; what could not be run at all is an error.
func measure(command *exec.Cmd, env []string) (run, error) {
	var output strings.Builder
	command.Env, command.Stdout, command.Stderr = env, &output, &output
	start := time.Now()
	err := command.Run()
	wall := time.Since(start)
	if err != nil {
		return run{}, fmt.Errorf("%w\n%s", err, output.String())
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return run{}, errors.New("this system does not tell what a process used")
	}
	return run{wall, usage.Maxrss}, nil
}

func environment(vars map[string]string) []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	for name, value := range vars {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return env
}
