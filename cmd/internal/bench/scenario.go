package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// scenario plays real packages, beside real Portage where it is at hand. What the
// machine lacks for it is said.
func scenario(program, work string) error {
	cmd := exec.Command("go", "run", "./cmd/internal/scenario", "-work", filepath.Join(work, "scenario"), program)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("scenario: %w", err)
	}
	return nil
}
