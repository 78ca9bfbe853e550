package emerge

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/stages"
)

// PolicyFile is the name of the file below etc/portage that says which USE
// flags may be switched for a while to break cycles; it may be a folder.
const PolicyFile = "package.break_cycles"

// stageOptions are the options about packages that are merged twice.
func stageOptions() []Option {
	return []Option{
		{Long: "--break-cycles", Takes: TakesWord, Choices: "y ask n", Support: Done, Note: "break circular dependencies by merging packages twice (y); n fails as Portage does"},
	}
}

// breakCycles says in a request whether and how cycles are to be broken. A
// pretended run asks nothing: it shows what would be asked about.
func (r *run) breakCycles(request *resolver.Request) {
	if r.line.Text("--break-cycles") == "n" || r.options.RunningFixed {
		return
	}
	o, problems := CycleOptions(r.system)
	r.problems = append(r.problems, problems...)
	request.BreakCycles, request.Cycles = true, o
}

// CycleOptions reads the policies of all roots: like USE flags, which flags of a
// package may be switched is a matter of the configuration of the root that it
// is merged to.
func CycleOptions(s *resolver.System) (*stages.Options, []error) {
	o := &stages.Options{}
	var problems, more []error
	o.Policy, problems = readPolicy(filepath.Join(s.Target.Config.UserDir, PolicyFile))
	if s.Running != s.Target {
		o.Running, more = readPolicy(filepath.Join(s.Running.Config.UserDir, PolicyFile))
	}
	return o, append(problems, more...)
}

// readPolicy reads a policy file, or the files of a folder in the order of
// their names; without one the policy is the usual one. Lines that are wrong
// are told and left out.
func readPolicy(path string) (*stages.Policy, []error) {
	policy := stages.NewPolicy()
	info, err := os.Stat(path)
	if err != nil {
		if os.IsNotExist(err) {
			err = nil
		}
		return policy, one(err)
	}
	files := []string{path}
	if info.IsDir() {
		entries, err := os.ReadDir(path)
		if err != nil {
			return policy, one(err)
		}
		files = nil
		for _, e := range entries {
			if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !strings.HasSuffix(e.Name(), "~") {
				files = append(files, filepath.Join(path, e.Name()))
			}
		}
		slices.Sort(files)
	}
	var problems []error
	for _, f := range files {
		text, err := os.ReadFile(f)
		problems = append(problems, one(err)...)
		problems = append(problems, policy.ParsePolicy(f, string(text))...)
	}
	return policy, problems
}

func one(err error) []error {
	if err == nil {
		return nil
	}
	return []error{err}
}
