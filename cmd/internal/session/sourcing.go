package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/ebuild/md5cache"
	"github.com/tumpline/tumpline/ebuild/metagen"
	"github.com/tumpline/tumpline/profiles"
)

// Variables of our own that say how ebuilds are sourced.
const (
	variableBash    = "TUMPLINE_BASH"    // shells to try, separated by colons
	variableConfine = "TUMPLINE_CONFINE" // how ebuilds are confined, see confinement
)

// OwnVariables picks the variables of our own from an environment.
func OwnVariables(vars map[string]string) map[string]string {
	own := maps.Clone(vars)
	maps.DeleteFunc(own, func(name, _ string) bool { return !strings.HasPrefix(name, "TUMPLINE_") })
	return own
}

// Shells lists the shells to try, in order: those the user named, else bash of
// PATH, and then those that are likely to be newer where a system's own is old.
func Shells(vars map[string]string) []string {
	if named := vars[variableBash]; named != "" {
		return strings.Split(named, ":")
	}
	var list []string
	for _, name := range []string{"bash", "bash-5.3", "bash-static"} {
		for _, dir := range append(filepath.SplitList(vars["PATH"]), "/usr/local/bin", "/usr/bin", "/bin") {
			path := filepath.Join(dir, name)
			if filepath.IsAbs(path) && isProgram(path) {
				list = append(list, path)
				break
			}
		}
	}
	return list
}

// isProgram says whether a file can be executed.
func isProgram(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular() && unix.Access(path, unix.X_OK) == nil
}

// A sourcing makes metadata of ebuilds, with a generator that is made when the
// first ebuild has to be sourced.
type sourcing struct {
	options *Options
	jobs    int

	mu        sync.Mutex
	asked     bool
	generator *metagen.Generator
	err       error // why there is none
	count     int
}

// start gives the generator, and counts what it is asked for.
func (s *sourcing) start() (*metagen.Generator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.asked {
		s.asked = true
		s.generator, s.err = s.make()
	}
	if s.count++; s.options.Sourced != nil && s.err == nil {
		s.options.Sourced(s.count)
	}
	return s.generator, s.err
}

func (s *sourcing) make() (*metagen.Generator, error) {
	list := Shells(s.options.Vars)
	if len(list) == 0 {
		return nil, fmt.Errorf("source ebuilds: there is no bash in PATH (%s names one)", variableBash)
	}
	confinement, err := confinement(s.options.Vars[variableConfine])
	if err != nil {
		return nil, fmt.Errorf("source ebuilds: %w", err)
	}
	o := metagen.Options{Bash: list, Jobs: s.jobs, Confine: confinement}
	if out := s.options.Printed; out != nil {
		o.Output = func(_ atoms.CPV, text string) { _, _ = io.WriteString(out, text) } // what ebuilds print is of no consequence
	}
	return metagen.New(o)
}

// confinement reads how ebuilds are confined: y or nothing for all that there is,
// n for not at all, or words "-PART" for the parts that this machine need not have.
func confinement(text string) (*metagen.Confinement, error) {
	c := &metagen.Confinement{}
	switch text {
	case "", "y":
		return c, nil
	case "n":
		return nil, nil
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		name, ok := strings.CutPrefix(word, "-")
		if !ok {
			return nil, fmt.Errorf("%s is %q: y, n or words like -landlock are expected", variableConfine, text)
		}
		part, err := confine.ParsePart(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", variableConfine, err)
		}
		c.Allow = append(c.Allow, part)
	}
	return c, nil
}

// Entry sources an ebuild, see ebuild.MetadataGenerator.
func (s *sourcing) Entry(ctx context.Context, r *ebuild.Repository, cpv atoms.CPV, path string) (*md5cache.Entry, error) {
	g, err := s.start()
	if err != nil {
		return nil, err
	}
	entry, err := g.Entry(ctx, r, cpv, path)
	var failure *metagen.Error
	if errors.As(err, &failure) && failure.Kind == metagen.KindUnsupported {
		text, rerr := os.ReadFile(path)
		if rerr != nil {
			return nil, rerr
		}
		name, _ := metagen.ParseEAPI(string(text))
		return nil, &ebuild.UnsupportedEAPIError{EAPI: name}
	}
	return entry, err
}

// close ends the shells, if there are any. Nobody may be sourcing any more.
func (s *sourcing) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generator == nil {
		return nil
	}
	return s.generator.Close()
}

// workers is how many ebuilds are sourced at a time.
func (o *Options) workers() int {
	if o.Jobs > 0 {
		return o.Jobs
	}
	return runtime.NumCPU()
}

// depcacheDefault is where the user-side cache is unless PORTAGE_DEPCACHEDIR
// says otherwise.
const depcacheDefault = "/var/cache/edb/dep"

// depcacheDir is the user-side cache of metadata: PORTAGE_DEPCACHEDIR, else below
// the machine that builds or, if that may not be written to, below the target, as
// in Portage.
func (s *Session) depcacheDir(config *profiles.Config) string {
	dir := config.Get("PORTAGE_DEPCACHEDIR") // the configuration has the default as well
	if dir != "" && filepath.Clean(dir) != depcacheDefault {
		return filepath.Clean(dir)
	}
	dir = filepath.Join(s.Places.Build, depcacheDefault)
	if s.Places.Target != s.Places.Build && !canCreate(dir) {
		dir = filepath.Join(s.Places.Target, s.Places.EPrefix, depcacheDefault)
	}
	return dir
}

// canCreate says whether a path may be written to, or the first folder above it
// that exists.
func canCreate(path string) bool {
	for !Exists(path) && path != filepath.Dir(path) {
		path = filepath.Dir(path)
	}
	return unix.Access(path, unix.W_OK) == nil
}
