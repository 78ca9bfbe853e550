package strip

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sourcesDir is where sources are installed, below the image's prefix.
func (o *Options) sourcesDir() string { return filepath.Join(o.EPrefix, "usr/src/debug", o.Name) }

// collectSources lets the debug information name the sources where they will be
// installed, and takes down which they are.
func (w *work) collectSources() error {
	list, err := os.CreateTemp(w.Temp, "sources-")
	if err != nil {
		return err
	}
	defer os.Remove(list.Name())
	list.Close() // only its name is wanted
	id, err := w.tool(w.ctx, w.Tools.Debugedit, "-i", "-s", w.Salt, "-b", w.WorkDir, "-d", "/"+strings.TrimLeft(w.sourcesDir(), "/"), "-l", list.Name(), w.file)
	if err != nil {
		return err
	}
	w.buildID = strings.TrimSpace(id)
	data, err := os.ReadFile(list.Name())
	if err != nil {
		return err
	}
	w.sources = strings.Split(strings.TrimRight(string(data), "\x00"), "\x00")
	return nil
}

// copySources installs the sources that stand in the work folder. Folders, and what
// the compiler made up ("<built-in>"), are left out.
func (o *Options) copySources(sources []string) error {
	if !o.InstallSources {
		return nil
	}
	slices.Sort(sources)
	dir := filepath.Join(o.D, o.sourcesDir())
	for _, s := range slices.Compact(sources) {
		if s == "" || strings.HasSuffix(s, "/") || strings.HasSuffix(s, ">") && strings.Contains(filepath.Base(s), "<") {
			continue
		}
		inside := filepath.Clean("/" + s)
		data, err := os.ReadFile(filepath.Join(o.WorkDir, inside))
		if err != nil {
			continue // generated and gone, or of elsewhere
		}
		to := filepath.Join(dir, inside)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
