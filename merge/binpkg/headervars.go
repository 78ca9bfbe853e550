package binpkg

import (
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/profiles"
)

// A HeaderVar is a variable of the header of an index. An empty value means that
// the header must not have it.
type HeaderVar struct{ Name, Value string }

// HeaderOf returns what a configuration says about the header of the index of its
// PKGDIR, as Portage keeps it up. Without a profile, or without IUSE_IMPLICIT,
// there is nothing to say.
func HeaderOf(c *profiles.Config) []HeaderVar {
	if _, ok := c.Vars.Lookup("IUSE_IMPLICIT"); c.ProfilePath == "" || !ok {
		return nil
	}
	vars := []HeaderVar{
		{"PROFILE", profileName(c)},
		{"URI", c.Get("PORTAGE_BINHOST_HEADER_URI")},
		{"TTL", c.Get("PORTAGE_BINHOST_TTL")},
	}
	names := []string{"ACCEPT_KEYWORDS", "ACCEPT_LICENSE", "ACCEPT_PROPERTIES", "ACCEPT_RESTRICT", "CBUILD", "CONFIG_PROTECT",
		"CONFIG_PROTECT_MASK", "FEATURES", "GENTOO_MIRRORS", "INSTALL_MASK", "IUSE_IMPLICIT", "USE", "USE_EXPAND",
		"USE_EXPAND_HIDDEN", "USE_EXPAND_IMPLICIT", "USE_EXPAND_UNPREFIXED"}
	names = append(names, c.Words("USE_EXPAND_IMPLICIT")...)
	names = append(names, c.Words("USE_EXPAND_UNPREFIXED")...)
	for _, implicit := range c.Words("USE_EXPAND_IMPLICIT") {
		names = append(names, "USE_EXPAND_VALUES_"+implicit)
	}
	for _, name := range names {
		vars = append(vars, HeaderVar{name, strings.ReplaceAll(c.Get(name), "\n", " ")})
	}
	return vars
}

// profileName is the profile's folder, relative to profiles/ of the main repository
// if it is below that.
func profileName(c *profiles.Config) string {
	path, err := filepath.EvalSymlinks(c.ProfilePath)
	if err != nil {
		return c.ProfilePath
	}
	if main := c.Repos().Main; main != nil {
		if dir, err := filepath.EvalSymlinks(main.Location); err == nil {
			path = strings.TrimPrefix(path, dir+"/profiles/")
		}
	}
	return path
}
