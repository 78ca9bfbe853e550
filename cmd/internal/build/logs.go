package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/profiles/shellconf"
)

// CleanLogs runs the program that removes old logs (PORTAGE_LOGDIR_CLEAN), if
// FEATURES=clean-logs and there is a folder for logs. It belongs after all builds.
func (m *Making) CleanLogs(ctx context.Context) error {
	c := m.Root().Config
	dir := valueOr(c.Get("PORTAGE_LOGDIR"), c.Get("PORT_LOGDIR"))
	command := valueOr(c.Get("PORTAGE_LOGDIR_CLEAN"), c.Get("PORT_LOGDIR_CLEAN"))
	if !c.Feature("clean-logs") || dir == "" || command == "" {
		return nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil // nothing has been logged yet
	}
	words, err := shellconf.Split(command)
	if err != nil || len(words) == 0 {
		return fmt.Errorf("PORTAGE_LOGDIR_CLEAN: %q is no command", command)
	}
	dir = filepath.Clean(dir)
	replace := strings.NewReplacer("${PORTAGE_LOGDIR}", dir, "$PORTAGE_LOGDIR", dir, "${PORT_LOGDIR}", dir, "$PORT_LOGDIR", dir)
	for i, w := range words {
		words[i] = replace.Replace(w)
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("PORTAGE_LOGDIR_CLEAN: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
