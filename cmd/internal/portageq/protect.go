package portageq

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/merge/confprotect"
)

// protection says which files below the root are protected.
func (c *call) protection() (*confprotect.Protect, error) {
	config, err := c.settings()
	if err != nil {
		return nil, err
	}
	return confprotect.New(confprotect.Root(c.root), "", config.Words("CONFIG_PROTECT"), config.Words("CONFIG_PROTECT_MASK")), nil
}

// isProtected answers with the exit status.
func isProtected(_ context.Context, c *call) error {
	protect, err := c.protection()
	if err != nil {
		return err
	}
	name, err := c.below(c.args[0])
	if err != nil {
		return &cli.StatusError{Status: statusFew, Err: err}
	}
	protected := protect.Protected(c.inside(name))
	if c.json {
		if err := Protection.Write(c.env.Out, &protectionDoc{Files: []protectedFile{{c.args[0], protected}}}); err != nil {
			return err
		}
	}
	if !protected {
		return no()
	}
	return nil
}

// inside is a path below the root as the root has it.
func (c *call) inside(name string) string {
	return "/" + strings.TrimPrefix(strings.TrimPrefix(name, strings.TrimSuffix(c.root, "/")), "/")
}

// filterProtected reads file names and prints those that are protected. A wrong
// one is told and hides no other.
func filterProtected(_ context.Context, c *call) error {
	protect, err := c.protection()
	if err != nil {
		return err
	}
	doc, wrong := &protectionDoc{Files: []protectedFile{}}, false
	lines := bufio.NewReader(c.env.In)
	for {
		line, err := lines.ReadString('\n')
		if line == "" && err != nil {
			break
		}
		line = strings.TrimSuffix(line, "\n")
		name, err := c.below(line)
		if err != nil {
			c.warn("%v", err)
			wrong = true
			continue
		}
		protected := protect.Protected(c.inside(name))
		doc.Files = append(doc.Files, protectedFile{line, protected})
		if !protected || c.json {
			continue
		}
		if _, err := fmt.Fprintln(c.env.Out, line); err != nil {
			return err
		}
	}
	if c.json {
		if err := Protection.Write(c.env.Out, doc); err != nil {
			return err
		}
	}
	if wrong {
		return &cli.FailedError{Status: statusFew}
	}
	return nil
}
