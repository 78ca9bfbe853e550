// Package fetching wires merge/fetch for the fronts: it takes settings from a
// configuration, proxies and programs' surroundings from the environment, and
// shows what happens.
//
// What is fetched, and what a failure means, is the business of the fronts.
package fetching

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/manifest/renew"
	"github.com/tumpline/tumpline/merge/fetch"
	"github.com/tumpline/tumpline/profiles"
)

// Stall is how long a server may be silent.
const stall = time.Minute

// Settings gives the settings for a configuration, without events. What is wrong
// with the configuration is told, and a default stands in.
func Settings(env *cli.Env, c *profiles.Config) (fetch.Settings, []error) {
	s, problems := fetch.Configured(c)
	s.Stall, s.Client = stall, fetch.Transport(stall, proxies(env, c))
	s.Now, s.Shuffle = time.Now, shuffle
	s.Jobs = jobs(c)
	if g, err := user.LookupGroup(named(c, "PORTAGE_GRPNAME")); err == nil && os.Geteuid() == 0 {
		if gid, err := strconv.Atoi(g.Gid); err == nil {
			s.Group = gid
		}
	}
	s.Commands.Output = env.Out
	s.Commands.Environ = environ(env, c)
	s.Commands.Credential = credential(c, s.Group)
	return s, problems
}

func named(c *profiles.Config, variable string) string {
	if name := c.Get(variable); name != "" {
		return name
	}
	return "portage"
}

// jobs is TUMPLINE_FETCH_JOBS of the configuration: files fetched at once.
func jobs(c *profiles.Config) int {
	n, err := strconv.Atoi(c.Get("TUMPLINE_FETCH_JOBS"))
	if err != nil || n < 1 {
		return 0 // the default
	}
	return n
}

func shuffle(uris []string) {
	rand.Shuffle(len(uris), func(i, j int) { uris[i], uris[j] = uris[j], uris[i] })
}

// proxies chooses proxies by http_proxy and its kin, of the configuration or the
// environment.
func proxies(env *cli.Env, c *profiles.Config) func(*http.Request) (*url.URL, error) {
	get := func(name string) string {
		for _, name := range []string{name, strings.ToUpper(name)} {
			if value := c.Get(name); value != "" {
				return value
			}
			if value := env.Vars[name]; value != "" {
				return value
			}
		}
		return ""
	}
	choose := (&httpproxy.Config{HTTPProxy: get("http_proxy"), HTTPSProxy: get("https_proxy"), NoProxy: get("no_proxy")}).ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return choose(r.URL) }
}

// environ is the environment of programs that fetch: that of the caller, with the
// configuration's say.
func environ(env *cli.Env, c *profiles.Config) []string {
	vars := maps.Clone(env.Vars)
	if vars == nil {
		vars = map[string]string{}
	}
	for _, name := range c.Vars.Names() {
		if value, ok := c.Vars.Lookup(name); ok && !strings.ContainsRune(value.Text, 0) {
			vars[name] = value.Text
		}
	}
	vars["EBUILD_PHASE"] = "fetch"
	var out []string
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		out = append(out, name+"="+vars[name])
	}
	return out
}

// credential is whom programs run as: Portage's user with FEATURES=userfetch.
func credential(c *profiles.Config, group int) *syscall.Credential {
	if os.Geteuid() != 0 || group < 0 || !c.Feature("userfetch") {
		return nil
	}
	u, err := user.Lookup(named(c, "PORTAGE_USERNAME"))
	if err != nil {
		return nil
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(group)}
}

// ForManifests fetches the distfiles whose digests are to become known.
type ForManifests struct {
	fetcher *fetch.Fetcher
}

// NewForManifests returns the fetcher that package renew asks; events may be nil.
func NewForManifests(s fetch.Settings, events func(fetch.Event)) *ForManifests {
	s.Unlisted, s.Events = true, events
	return &ForManifests{fetch.New(s)}
}

// Fetch gets one file, see renew.Fetcher.
func (f *ForManifests) Fetch(ctx context.Context, d *renew.Distfile) error {
	file := &fetch.File{Name: d.Name, URIs: d.URIs}
	q := &fetch.Request{Files: []*fetch.File{file}}
	var words []string
	for _, p := range d.Packages {
		restrict, err := p.Restrict()
		if err != nil {
			return fmt.Errorf("%s: RESTRICT: %w", p.CPV, err)
		}
		words = append(words, restrict.Leaves(func(string) bool { return false })...)
		q.CPV = p.CPV
	}
	q.Restrict = fetch.ParseRestrict(words)
	if d.Known != nil {
		file.Entry, file.Manifest = *d.Known, manifest.FileName
	}
	results, err := f.fetcher.Fetch(ctx, []*fetch.Request{q})
	if err != nil {
		return err
	}
	return results[0].Err
}
