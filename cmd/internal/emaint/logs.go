package emaint

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// checkLogs shows what cleaning would remove.
func checkLogs(ctx context.Context, r *run) (bool, []string, error) { return r.logs(ctx, true) }

// cleanLogs runs PORTAGE_LOGDIR_CLEAN.
func cleanLogs(ctx context.Context, r *run) (bool, []string, error) {
	return r.logs(ctx, r.words.Has("--pretend"))
}

const logsHint = "See the make.conf(5) man page for PORTAGE_LOGDIR_CLEAN usage instructions."

func (r *run) logs(ctx context.Context, pretend bool) (bool, []string, error) {
	c := r.root.Config
	dir, command := c.Get("PORTAGE_LOGDIR"), c.Get("PORTAGE_LOGDIR_CLEAN")
	if dir == "" {
		dir = c.Get("PORT_LOGDIR")
	}
	if command == "" {
		command = c.Get("PORT_LOGDIR_CLEAN")
	}
	words, err := shellconf.Split(command)
	if err != nil {
		return false, nil, fmt.Errorf("PORTAGE_LOGDIR_CLEAN: %w", err)
	}
	if len(words) == 0 {
		return true, nil, nil
	}
	words = r.adjust(words, pretend)
	if !session.IsDir(dir) {
		return false, []string{"PORTAGE_LOGDIR variable not set or PORTAGE_LOGDIR not a directory.", logsHint}, nil
	}
	replacer := strings.NewReplacer("${PORTAGE_LOGDIR}", dir, "$PORTAGE_LOGDIR", dir)
	for i, w := range words {
		words[i] = replacer.Replace(w)
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Dir = r.env.In, r.env.Out, r.env.Err, dir
	for name, value := range r.env.Vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	slices.Sort(cmd.Env)
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return true, nil, nil
	case errors.Is(err, exec.ErrNotFound):
		return false, []string{"PORTAGE_LOGDIR_CLEAN command not found.", logsHint}, nil
	case errors.As(err, &exit):
		return false, []string{fmt.Sprintf("PORTAGE_LOGDIR_CLEAN command returned %d", exit.ExitCode()), logsHint}, nil
	}
	return false, nil, err
}

// adjust puts the options of the command line into the command.
func (r *run) adjust(words []string, pretend bool) []string {
	if i := slices.Index(words, "-mtime"); i >= 0 && i+1 < len(words) && r.words.Has("--time") {
		days := r.words.Number("--time", 0)
		if days == 0 {
			words = slices.Delete(words, i, i+2)
		} else {
			words[i+1] = fmt.Sprintf("+%d", days)
		}
	}
	if i := slices.Index(words, "-delete"); i >= 0 && pretend {
		words = slices.Delete(words, i, i+1)
	}
	return words
}
