package phase

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
)

// scripts are commands that must hand descriptors on and so are no Go programs.
//
//go:embed scripts
var scripts embed.FS

// WriteCommands makes a folder of commands: links to the program self, and the
// scripts. What is there already stays. Others may do the same at the same time, and
// use what is there: every command appears whole.
func WriteCommands(dir, self string) error {
	missing, err := missingCommands(dir, self)
	if err != nil || len(missing) == 0 {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(dir, ".new-")
	if err != nil {
		return err
	}
	for name, text := range missing {
		file := filepath.Join(tmp, name)
		if text == nil {
			err = os.Symlink(self, file)
		} else {
			err = os.WriteFile(file, text, 0o755)
		}
		if err == nil {
			err = os.Rename(file, filepath.Join(dir, name))
		}
		if err != nil {
			break
		}
	}
	return errors.Join(err, os.RemoveAll(tmp))
}

// missingCommands lists the commands that are not there as they have to be: the text of
// a script, or nil for a link.
func missingCommands(dir, self string) (map[string][]byte, error) {
	missing := make(map[string][]byte)
	for _, name := range CommandNames() {
		if to, err := os.Readlink(filepath.Join(dir, name)); err != nil || to != self {
			missing[name] = nil
		}
	}
	entries, err := scripts.ReadDir("scripts")
	if err != nil {
		return nil, fmt.Errorf("internal error: %w", err)
	}
	for _, e := range entries {
		text, err := scripts.ReadFile(path.Join("scripts", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("internal error: %w", err)
		}
		if old, err := os.ReadFile(filepath.Join(dir, e.Name())); err != nil || string(old) != string(text) {
			missing[e.Name()] = text
		}
	}
	return missing, nil
}
