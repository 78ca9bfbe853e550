package fetch

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// Configured gives the settings that a configuration makes. What is wrong with it
// is told, and a default stands in. Client, Shuffle, Now, Events, NoFetch and the
// group and environment of programs are left to the caller.
func Configured(c *profiles.Config) (Settings, []error) {
	s := Settings{
		Distdir: c.Get("DISTDIR"), Mirrors: c.Words("GENTOO_MIRRORS"),
		Filter:      manifest.ParseFilter(c.Get("PORTAGE_CHECKSUM_FILTER")),
		ForceMirror: c.Feature("force-mirror"), MirrorMode: c.Feature("mirror") && !c.Feature("lmirror"),
		Locks: c.Feature("distlocks"), DirectWrite: c.Feature("skiprocheck"), Group: -1,
	}
	var problems []error
	note := func(name string, err error) {
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, err))
		}
	}
	var err error
	s.ReadOnly, err = shellconf.Split(c.Get("PORTAGE_RO_DISTDIRS"))
	note("PORTAGE_RO_DISTDIRS", err)
	s.Tries, err = parseTries(c.Get("PORTAGE_FETCH_CHECKSUM_TRY_MIRRORS"))
	note("PORTAGE_FETCH_CHECKSUM_TRY_MIRRORS", err)
	s.ResumeMin, err = ParseSize(c.Get("PORTAGE_FETCH_RESUME_MIN_SIZE"))
	note("PORTAGE_FETCH_RESUME_MIN_SIZE", err)
	var errs []error
	s.Custom, errs = readMirrors(filepath.Join(c.UserDir, "mirrors"))
	problems = append(problems, errs...)
	s.ThirdParty, errs = ThirdParty(c.Repos())
	problems = append(problems, errs...)
	s.Commands = commands(c)
	return s, problems
}

// commands takes the programs that fetch from a configuration.
func commands(c *profiles.Config) Commands {
	out := Commands{Vars: map[string]string{}, Set: map[string]bool{}, Wrapper: c.Get("FETCH_WRAPPER"), SSHOpts: c.Get("PORTAGE_SSH_OPTS")}
	for _, name := range c.Vars.Names() {
		if !strings.HasPrefix(name, "FETCHCOMMAND") && !strings.HasPrefix(name, "RESUMECOMMAND") {
			continue
		}
		if v, ok := c.Vars.Lookup(name); ok {
			out.Vars[name] = v.Text
			out.Set[name] = v.Origin.Layer != profiles.LayerGlobals
		}
	}
	return out
}

func parseTries(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is no positive number; %d is used", text, defaultTries)
	}
	return n, nil
}

// ParseSize reads a number of bytes with a suffix K, M, G, ... (powers of 1024), 0
// if there is none.
func ParseSize(text string) (int64, error) {
	text = strings.Join(strings.Fields(text), "")
	if text == "" {
		return 0, nil
	}
	digits := strings.TrimRight(text, "KMGTPEkmgtpe")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || len(text)-len(digits) > 1 {
		return 0, fmt.Errorf("%q is no size such as 350K; the default is used", text)
	}
	for range 1 + strings.Index("KMGTPE", strings.ToUpper(text[len(digits):] + " ")[:1]) {
		if n > math.MaxInt64>>10 {
			return 0, fmt.Errorf("%q is too large; the default is used", text)
		}
		n <<= 10
	}
	return n, nil
}

// readMirrors reads a file "NAME URI..." or a folder of such files. A later line
// about a name takes the place of an earlier one.
func readMirrors(path string) (map[string][]string, []error) {
	out := map[string][]string{}
	lines, problems := linefile.Read(path, linefile.FileOrTree)
	for _, l := range lines {
		if len(l.Words) < 2 {
			problems = append(problems, l.Problem(l.Text(), errors.New("expected a name and its mirrors")))
			continue
		}
		out[l.Words[0]] = slices.Clone(l.Words[1:])
	}
	return out, problems
}

// ThirdParty reads the mirrors that the repositories name (profiles/
// thirdpartymirrors): those of later repositories first; "-URI" takes one away
// that an earlier file gave.
func ThirdParty(c *repos.Config) (map[string][]string, []error) {
	out := map[string][]string{}
	var problems []error
	for _, r := range slices.Backward(c.Repos) {
		more, errs := readMirrors(filepath.Join(r.Location, "profiles", "thirdpartymirrors"))
		problems = append(problems, errs...)
		for _, name := range slices.Sorted(maps.Keys(more)) {
			for _, uri := range more[name] {
				gone, negative := strings.CutPrefix(uri, "-")
				switch {
				case uri == "-*":
					out[name] = nil
				case negative:
					out[name] = slices.DeleteFunc(out[name], func(u string) bool { return u == gone })
				case !slices.Contains(out[name], uri):
					out[name] = append(out[name], uri)
				}
			}
		}
	}
	return out, problems
}
