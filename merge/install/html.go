package install

import (
	"errors"
	"os"
	"path"
	"slices"
	"strings"
)

// errNoPage is for a name that has no section.
var errNoPage = errors.New("is probably no manual page")

// An html is a running dohtml (PMS: banned from EAPI 7).
type html struct {
	*command
	extensions, names, skipDirs []string
	recursive                   bool
	prefix                      string // -p
	skipped                     []string
}

func (c *command) dohtml() error {
	if err := c.eapiBan(c.EAPI.Dohtml); err != nil {
		return err
	}
	h := &html{command: c, skipDirs: []string{"CVS"},
		extensions: []string{"css", "gif", "htm", "html", "jpeg", "jpg", "js", "png"}}
	args, err := h.options()
	if err != nil {
		return err
	}
	installed := false
	for _, arg := range args {
		base := path.Base(arg)
		if strings.HasSuffix(arg, "/") || strings.HasSuffix(arg, "/.") || base == "." {
			base = "" // the content, not the folder
		}
		if h.entry(c.path(arg), base, "") {
			installed = true
		}
	}
	for _, dir := range h.skipped {
		c.notice("dohtml on directory '%s' without recursion option", dir)
	}
	return c.finish(!installed)
}

// options reads the options and gives the other arguments.
func (h *html) options() ([]string, error) {
	var args []string
	for i := 0; i < len(h.Args); i++ {
		opt := h.Args[i]
		switch opt {
		case "-r":
			h.recursive = true
			continue
		case "-V":
			continue
		case "-A", "-a", "-f", "-x", "-p":
		default:
			args = append(args, opt)
			continue
		}
		if i++; i == len(h.Args) {
			return nil, h.stop("dohtml: %s needs a value", opt)
		}
		value := h.Args[i]
		switch opt {
		case "-A":
			h.extensions = append(h.extensions, strings.Split(value, ",")...)
		case "-a":
			h.extensions = strings.Split(value, ",")
		case "-f":
			h.names = strings.Split(value, ",")
		case "-x":
			h.skipDirs = strings.Split(value, ",")
		case "-p":
			h.prefix = value
		}
	}
	return args, nil
}

// entry installs a file, or with -r what is in a folder, below the folder `below`.
func (h *html) entry(source, base, below string) bool {
	info, err := os.Stat(source)
	if err != nil {
		h.say("dohtml: %s does not exist", source)
		return false
	}
	if !info.IsDir() {
		return h.document(source, base, below)
	}
	if !h.recursive {
		h.skipped = append(h.skipped, source)
		return false
	}
	if slices.Contains(h.skipDirs, base) {
		return false
	}
	entries, err := os.ReadDir(source)
	if err != nil {
		h.say("dohtml: %v", err)
		return false
	}
	for _, e := range entries {
		h.entry(path.Join(source, e.Name()), e.Name(), path.Join(below, base))
	}
	return true
}

// document installs one file if its name is wanted. Passing it over is no failure.
func (h *html) document(source, base, below string) bool {
	ext := strings.TrimPrefix(path.Ext(base), ".")
	if !slices.Contains(h.extensions, ext) && !slices.Contains(h.names, base) {
		return true
	}
	into := h.Var(VarDocinto)
	if into == "" {
		into = "html"
	}
	dir := path.Join(h.image("/usr/share/doc"), h.Var("PF"), into, h.prefix, below)
	err := target(dir)
	if err == nil {
		err = h.file(defaultOptions(0o644), source, path.Join(dir, base))
	}
	if err != nil {
		h.say("dohtml: %v", err)
		return false
	}
	return true
}
