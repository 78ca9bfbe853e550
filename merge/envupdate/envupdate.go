// Package envupdate makes the files that etc/env.d of a root stands for: what shells
// and systemd read, the list of library folders, and the linker's cache.
//
// It writes what Portage's env-update writes, byte for byte, but only where that
// differs from what is there, so a run cut off in the middle is made up by the next.
// Values are not quoted further than Portage does it: one with a quote makes a file
// that shells cannot read, which is noted. PMS says nothing of this.
package envupdate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge/inroot"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// Options say what is to be brought up to date.
type Options struct {
	EPrefix     string
	CHOST       string
	CBUILD      string // "" or CHOST: the root's own ldconfig is run
	LibraryPath string // LD_LIBRARY_PATH
	// FindProgram finds a program of the host; "" if there is none.
	FindProgram func(name string) string
	// Run runs a program of the host with / as its folder. Nil: the linker's cache
	// is left alone, as with --no-ldconfig.
	Run func(ctx context.Context, argv []string) error
	// Changed are the files and links of the package that was merged or removed.
	// Nil: any may have changed.
	Changed []string
	// Strict makes a file of etc/env.d that cannot be understood an error, before
	// anything is changed; else it is left out.
	Strict bool
	Now    time.Time
}

// A Result tells what was done.
type Result struct {
	Written []string // files that were changed, in the root
	Ran     []string // the command that renewed the linker's cache
	Notes   []string // what the user should know
}

// Variables that add up over the files.
var (
	spaceLists = [...]string{"CONFIG_PROTECT", "CONFIG_PROTECT_MASK"}
	colonLists = [...]string{"ADA_INCLUDE_PATH", "ADA_OBJECTS_PATH", "CLASSPATH", "INFODIR", "INFOPATH", "KDEDIRS",
		"LDPATH", "MANPATH", "PATH", "PKG_CONFIG_PATH", "PYTHONPATH", "ROOTPATH"}
)

// An updater is one run.
type updater struct {
	Options
	fs     *inroot.FS
	result *Result
	env    map[string]string
	ldPath []string
}

// Update brings a root up to date.
func Update(ctx context.Context, f *inroot.FS, o Options) (*Result, error) {
	u := &updater{Options: o, fs: f, result: &Result{}, env: make(map[string]string)}
	err := u.update(ctx)
	if err != nil {
		err = fmt.Errorf("env-update: %w", err)
	}
	return u.result, err
}

func (u *updater) path(name string) string { return path.Join("/", u.EPrefix, name) }

func (u *updater) update(ctx context.Context) error {
	if err := u.fs.MkdirAll(u.path("etc/env.d"), 0o755); err != nil {
		return err
	}
	files, err := u.read()
	if err != nil {
		return err
	}
	u.combine(files)
	if err := u.writeLinkerPaths(); err != nil {
		return err
	}
	if err := u.renewCache(ctx); err != nil {
		return err
	}
	return u.writeEnvironment()
}

// counts says if a file of env.d is read.
func counts(name string) bool {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	return len(name) >= 3 && digit(name[0]) && digit(name[1]) && !strings.HasSuffix(name, "~") && !strings.HasSuffix(name, ".bak")
}

// read reads the files of env.d, by name. One that cannot be read is noted.
func (u *updater) read() ([]map[string]string, error) {
	dir := u.path("etc/env.d")
	names, err := u.fs.Names(dir)
	if err != nil {
		return nil, err
	}
	var files []map[string]string
	for _, n := range names {
		if !counts(n) {
			continue
		}
		name := path.Join(dir, n)
		text, err := u.fs.ReadLinked(name)
		if err != nil {
			u.note("%s is left out: %v", name, err)
			continue
		}
		file, err := shellconf.Parse(name, text, shellconf.Options{Literal: true})
		if err != nil && u.Strict {
			return nil, err
		}
		if err != nil {
			u.note("%s is left out: %v", name, err)
			continue
		}
		vars := make(map[string]string, file.Len())
		for v := range file.All() {
			vars[v.Name] = v.Value
		}
		files = append(files, vars)
	}
	return files, nil
}

func (u *updater) note(format string, args ...any) {
	u.result.Notes = append(u.result.Notes, fmt.Sprintf(format, args...))
}

// combine adds up the files: lists item by item, of others the last counts.
func (u *updater) combine(files []map[string]string) {
	space, colon := slices.Clone(spaceLists[:]), slices.Clone(colonLists[:])
	for _, f := range files {
		space = append(space, strings.Fields(f["SPACE_SEPARATED"])...)
		colon = append(colon, strings.Fields(f["COLON_SEPARATED"])...)
		delete(f, "SPACE_SEPARATED")
		delete(f, "COLON_SEPARATED")
	}
	list := func(key, separator string, split func(string) []string) {
		var items []string
		for _, f := range files {
			for _, item := range split(f[key]) {
				if item != "" && !slices.Contains(items, item) {
					items = append(items, item)
				}
			}
			delete(f, key)
		}
		if len(items) > 0 {
			u.env[key] = strings.Join(items, separator)
		}
		if key == "LDPATH" && len(items) > 0 {
			u.ldPath = items
		}
	}
	for _, key := range space {
		list(key, " ", strings.Fields)
	}
	for _, key := range colon {
		list(key, ":", func(s string) []string { return strings.Split(s, ":") })
	}
	for _, f := range files {
		for key, value := range f {
			u.env[key] = value
		}
	}
	delete(u.env, "LDPATH")
}

// writeLinkerPaths writes etc/ld.so.conf if it lists other folders.
func (u *updater) writeLinkerPaths() error {
	name := u.path("etc/ld.so.conf")
	old, err := u.fs.ReadLinked(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if slices.Equal(confLines(string(old)), u.ldPath) {
		return nil
	}
	head := "# ld.so.conf autogenerated by env-update; make all changes to\n# contents of " + u.EPrefix + "/etc/env.d directory.\n"
	var text, bare strings.Builder
	text.WriteString(head)
	bare.WriteString(head + "# This file is only used by the bfd linker. The paths are not\n# prefixed as this is automatically added by the linker.\n")
	for _, dir := range u.ldPath {
		text.WriteString(dir + "\n")
		if rest, ok := strings.CutPrefix(dir, u.EPrefix+"/"); ok {
			bare.WriteString("/" + rest + "\n")
		}
	}
	if err := u.write(name, text.String()); err != nil || u.EPrefix == "" {
		return err
	}
	if err := u.fs.MkdirAll(u.path("usr/etc"), 0o755); err != nil {
		return err
	}
	return u.write(u.path("usr/etc/ld.so.conf"), bare.String())
}

// confLines gives the lines of ld.so.conf as Portage compares them.
func confLines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		for i, w := range words {
			if strings.HasPrefix(w, "#") {
				words = words[:i]
				break
			}
		}
		if len(words) > 0 {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return lines
}

// writeEnvironment writes what shells and systemd read.
func (u *updater) writeEnvironment() error {
	keys := make([]string, 0, len(u.env))
	for key := range u.env {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	const notice = "# THIS FILE IS AUTOMATICALLY GENERATED BY env-update.\n# DO NOT EDIT THIS FILE."
	startup := func(own, made string) string {
		return notice + " CHANGES TO STARTUP PROFILES\n# GO INTO " + u.EPrefix + own + " NOT " + u.EPrefix + made + "\n\n"
	}
	var sh, csh, systemd strings.Builder
	sh.WriteString(startup("/etc/profile", "/etc/profile.env"))
	csh.WriteString(startup("/etc/csh.cshrc", "/etc/csh.env"))
	systemd.WriteString(notice + "\n\n")
	for _, key := range keys {
		value := u.env[key]
		if strings.Contains(value, "'") {
			u.note("the value of %s has a quote, which makes etc/profile.env unreadable", key)
		}
		if strings.HasPrefix(value, "$") && !strings.HasPrefix(value, "${") {
			fmt.Fprintf(&sh, "export %s=$'%s'\n", key, value[1:])
		} else {
			fmt.Fprintf(&sh, "export %s='%s'\n", key, value)
		}
		fmt.Fprintf(&csh, "setenv %s '%s'\n", key, value)
		if value != "" {
			fmt.Fprintf(&systemd, "%s=%s\n", key, value)
		}
	}
	if err := u.fs.MkdirAll(u.path("etc/environment.d"), 0o755); err != nil {
		return err
	}
	return errors.Join(u.write(u.path("etc/profile.env"), sh.String()),
		u.write(u.path("etc/environment.d/10-gentoo-env.conf"), systemd.String()),
		u.write(u.path("etc/csh.env"), csh.String()))
}

// write replaces a file if its text is another.
func (u *updater) write(name, text string) error {
	old, err := u.fs.ReadFile(name)
	if err == nil && bytes.Equal(old, []byte(text)) {
		return nil
	}
	dir, err := u.fs.Host(path.Dir(name))
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(path.Join(dir, path.Base(name)), []byte(text), 0o644); err != nil {
		return err
	}
	u.result.Written = append(u.result.Written, name)
	return nil
}
