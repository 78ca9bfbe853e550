package phase

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// scripts are commands that must hand descriptors on and so are no Go programs.
//
//go:embed scripts
var scripts embed.FS

// WriteCommands makes a folder of commands: links to the program self, and the
// scripts. What is there already stays.
func WriteCommands(dir, self string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range CommandNames() {
		link := filepath.Join(dir, name)
		if to, err := os.Readlink(link); err == nil && to == self {
			continue
		}
		if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.Symlink(self, link); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	entries, err := scripts.ReadDir("scripts")
	if err != nil {
		return fmt.Errorf("internal error: %w", err)
	}
	for _, e := range entries {
		text, err := scripts.ReadFile(path.Join("scripts", e.Name()))
		if err != nil {
			return fmt.Errorf("internal error: %w", err)
		}
		file := filepath.Join(dir, e.Name())
		if old, err := os.ReadFile(file); err == nil && string(old) == string(text) {
			continue
		}
		if err := os.WriteFile(file+".new", text, 0o755); err != nil {
			return err
		}
		if err := os.Rename(file+".new", file); err != nil {
			return err
		}
	}
	return nil
}
