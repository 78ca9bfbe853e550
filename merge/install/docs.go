package install

import (
	"os"
	"path"
	"regexp"
	"strings"
)

// doinfo installs GNU info files.
func (c *command) doinfo() error {
	if err := c.needArgs(); err != nil {
		return err
	}
	dir := c.image("/usr/share/info")
	return c.each(dir, func(source string) error {
		return c.file(defaultOptions(0o644), source, path.Join(dir, path.Base(source)))
	})
}

// domo installs catalogues of messages: LANGUAGE.mo becomes
// LANGUAGE/LC_MESSAGES/MOPREFIX.mo.
func (c *command) domo() error {
	if err := c.eapiBan(c.EAPI.Domo); err != nil {
		return err
	}
	if err := c.needArgs(); err != nil {
		return err
	}
	into, err := c.into()
	if err != nil {
		return err
	}
	if !c.EAPI.DomoUsesDESTTREE {
		into = "/usr"
	}
	locale := path.Join(c.image(into), "share/locale")
	return c.each(locale, func(source string) error {
		base := path.Base(source)
		dir := path.Join(locale, strings.TrimSuffix(base, path.Ext(base)), "LC_MESSAGES")
		if err := target(dir); err != nil {
			return err
		}
		return c.file(defaultOptions(0o644), source, path.Join(dir, c.Var("MOPREFIX")+".mo"))
	})
}

// language finds the language in the name of a manual page.
var language = regexp.MustCompile(`(?s)^(.*)\.([a-z][a-z](?:_[A-Z][A-Z])?)\.(.*)$`)

// doman installs manual pages by their section and language.
func (c *command) doman() error {
	if err := c.needArgs(); err != nil {
		return err
	}
	i18n, given, failed := "", false, false
	for _, arg := range c.Args {
		if lang, ok := strings.CutPrefix(arg, "-i18n="); ok {
			i18n, given = lang, true
			continue
		}
		if strings.HasPrefix(arg, ".keep_") {
			continue
		}
		if err := c.page(arg, i18n, given); err != nil {
			c.say("%s: %v", c.Name, err)
			failed = true
		}
	}
	return c.finish(failed)
}

// page installs one manual page. An empty one is passed over.
func (c *command) page(arg, i18n string, given bool) error {
	source := c.path(arg)
	dir, name, ok := c.pagePlace(arg, i18n, given)
	if !ok {
		return &os.PathError{Op: "doman", Path: arg, Err: errNoPage}
	}
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return nil
	}
	folder := path.Join(c.image("/usr/share/man"), dir)
	if err := target(folder); err != nil {
		return err
	}
	return c.file(defaultOptions(0o644), source, path.Join(folder, name))
}

// pagePlace gives the folder below man/ and the name of a page. -i18n counts
// before the language in the name from EAPI 4 on, and after it before.
func (c *command) pagePlace(arg, i18n string, given bool) (dir, name string, ok bool) {
	bare := path.Base(arg)
	switch path.Ext(bare) {
	case ".Z", ".gz", ".bz2":
		c.notice("doman argument '%s' is compressed, this is not portable", arg)
		bare = strings.TrimSuffix(bare, path.Ext(bare))
	}
	section := strings.TrimPrefix(path.Ext(bare), ".")
	if section == "" || strings.IndexByte("0123456789n", section[0]) < 0 {
		return "", "", false
	}
	manN := "man" + section[:1]
	if m := language.FindStringSubmatch(path.Base(arg)); m != nil && c.EAPI.DomanLanguage && !(given && c.EAPI.DomanI18n) {
		return path.Join(m[2], manN), m[1] + "." + m[3], true
	}
	return path.Join(strings.TrimLeft(i18n, "/"), manN), path.Base(arg), true
}
