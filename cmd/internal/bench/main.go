// Command bench times whole runs of the program on the recorded Flatcar corpus
// and, where real Portage is at hand, states them as ratios of the same run.
// Then it times builds beside the same done by hand, plays the scenario of real
// packages (cmd/internal/scenario), and times updates of generated trees, to show how
// time grows with size.
//
//	bench PROGRAM
//
// PORTAGE_SRC names a checkout of gentoo/portage, FLATCAR_SCRIPTS one of
// flatcar/scripts, whose metadata is made. Portage is run where / looks
// like the SDK, in a mount namespace of its own, which needs root; what is
// absent is said and left out. The corpus lies in ../shared beside the
// repository. This is a tool of the project, not of its users.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
)

// The requests that are timed, and how often: the fastest run counts, since
// everything else a machine does only adds time.
const (
	warmRuns    = 9
	portageRuns = 3
)

func timedRequests() []string {
	return []string{
		"sdk-emptytree", "amd64-usr-bash-empty", "amd64-usr-curl-step1", "amd64-usr-break-step1", "amd64-usr-break-step2",
		"arm64-usr-full-world", "amd64-usr-opt-backtrack-30", "amd64-usr-depclean-full",
		"amd64-usr-cycle-setup", "amd64-usr-cycle-empty",
	}
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == writeCommand {
		if err := writeTree(os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
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
	if err := flatcar(program, work); err != nil {
		return err
	}
	if err := metadata(program, work); err != nil {
		return err
	}
	if err := building(program, work); err != nil {
		return err
	}
	if err := scenario(program, work); err != nil {
		return err
	}
	return scale(program, work)
}

// flatcar times requests on the recorded corpus, beside real Portage.
func flatcar(program, work string) error {
	shared, err := filepath.Abs("../shared/corpus/flatcar")
	if err != nil {
		return err
	}
	if _, err := os.Stat(shared); errors.Is(err, os.ErrNotExist) {
		fmt.Println("whole processes: left out, the Flatcar corpus is not beside the repository")
		return nil
	}
	portage := findPortage(os.Getenv("PORTAGE_SRC"))
	if portage != nil {
		stubs := filepath.Join(work, "corpus")
		if err := writeStubCorpus(shared, stubs); err != nil {
			return err
		}
		shared = stubs
	}
	recorded, err := corpus.Open(shared)
	if err != nil {
		return err
	}
	return compare(&subject{program, filepath.Join(work, "cache")}, portage, recorded, work)
}

func compare(ours *subject, portage *portage, recorded *corpus.Corpus, work string) error {
	layout := corpus.NewBench(recorded, work)
	fmt.Printf("%-24s %10s %10s %8s", "request (best run)", "cold ms", "warm ms", "MiB")
	if portage != nil {
		fmt.Printf(" %12s %10s %10s", "Portage ms", "time", "memory")
	}
	fmt.Println()
	for _, id := range timedRequests() {
		i := slices.IndexFunc(recorded.Requests, func(r corpus.Request) bool { return r.ID == id })
		if i < 0 {
			return fmt.Errorf("the corpus has no request %s", id)
		}
		request := &recorded.Requests[i]
		roots, err := layout.Lay(request)
		if err != nil {
			return err
		}
		if err := compareOne(ours, portage, request, roots); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}

func compareOne(ours *subject, portage *portage, request *corpus.Request, roots *corpus.Roots) error {
	if err := os.RemoveAll(ours.cache); err != nil {
		return err
	}
	once := func() (run, error) { return ours.measure(request, roots) }
	cold, err := once()
	if err != nil {
		return err
	}
	warm, err := best(warmRuns, once)
	if err != nil {
		return err
	}
	fmt.Printf("%-24s %10.1f %10.1f %8.1f", request.ID, cold.milliseconds(), warm.milliseconds(), warm.mebibytes())
	if portage != nil {
		theirs, err := best(portageRuns, func() (run, error) { return portage.measure(request, roots) })
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

// A subject is the program that is timed.
type subject struct {
	program string
	cache   string // where it keeps its index
}

func (s *subject) measure(request *corpus.Request, roots *corpus.Roots) (run, error) {
	vars := variables(request, roots)
	vars["TUMPLINE_BUILD_ROOT"], vars["TUMPLINE_CACHE_DIR"] = roots.Build, s.cache
	return measure(exec.Command(s.program, append([]string{"emerge"}, arguments(request)...)...), environment(vars))
}

// variables is the environment that a board's wrapper of emerge makes.
func variables(request *corpus.Request, roots *corpus.Roots) map[string]string {
	vars := map[string]string{"TERM": "dumb", "LC_ALL": "C.UTF-8", "COLUMNS": "80", "NOCOLOR": "true"}
	if request.Board() {
		vars["PORTAGE_CONFIGROOT"], vars["SYSROOT"], vars["ROOT"] = roots.Target, roots.Target, roots.Target
	}
	maps.Copy(vars, request.Env)
	return vars
}

func arguments(request *corpus.Request) []string {
	return append([]string{"--pretend", "--color=n"}, request.Args...)
}

// A run is what one process took.
type run struct {
	wall   time.Duration
	cpu    time.Duration // of the user and the system
	memory int64         // largest resident set, KiB
	output string
}

func (r run) milliseconds() float64    { return float64(r.wall.Microseconds()) / 1000 }
func (r run) cpuMilliseconds() float64 { return float64(r.cpu.Microseconds()) / 1000 }
func (r run) mebibytes() float64       { return float64(r.memory) / 1024 }

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
	fastest.memory = smallest.memory
	return fastest, nil
}

// measure runs a command and takes its time. That dependencies are circular is an
// answer too, of Portage's; every other failure is an error.
func measure(command *exec.Cmd, env []string) (run, error) {
	var output strings.Builder
	command.Env, command.Stdout, command.Stderr = env, &output, &output
	start := time.Now()
	err := command.Run()
	wall := time.Since(start)
	if err != nil && !strings.Contains(output.String(), "circular dependencies") {
		return run{}, fmt.Errorf("%w\n%s", err, output.String())
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return run{}, errors.New("this system does not tell what a process used")
	}
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	return run{wall, cpu, usage.Maxrss, output.String()}, nil
}

func environment(vars map[string]string) []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	for name, value := range vars {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return env
}
