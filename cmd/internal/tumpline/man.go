package tumpline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/manpage"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

const manUsage = "DIR"

const manHelp = `usage: tumpline man DIR

Write manual pages into a folder, made of the texts that --help prints: one for the
program, one for each command, and one for each name that it answers to.

Examples:
  tumpline man /usr/local/share/man/man1
`

// man writes manual pages.
func man(ctx context.Context, env *cli.Env) error {
	if len(env.Args) == 1 && (env.Args[0] == "--help" || env.Args[0] == "-h") {
		_, err := io.WriteString(env.Out, manHelp)
		return err
	}
	if len(env.Args) != 1 || strings.HasPrefix(env.Args[0], "-") || env.Args[0] == "" {
		return usageError(env.Name, manUsage, "one folder is expected")
	}
	dir := env.Abs(env.Args[0])
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("tumpline man: %w", err)
	}
	pages, err := manPages(ctx, env)
	if err != nil {
		return err
	}
	for _, p := range pages {
		path := filepath.Join(dir, p.Name+".1")
		if err := atomicfile.WriteFile(path, []byte(p.Roff()), 0o644); err != nil {
			return fmt.Errorf("tumpline man: %w", err)
		}
		if _, err := fmt.Fprintln(env.Out, path); err != nil {
			return err
		}
	}
	return nil
}

// manPages makes the pages.
func manPages(ctx context.Context, env *cli.Env) ([]*manpage.Page, error) {
	var pages []*manpage.Page
	var commands strings.Builder
	var names []string
	fmt.Fprintf(&commands, "usage: tumpline COMMAND ...\n\n%s\n\nCommands:\n", longHelp)
	for _, f := range fronts() {
		help, err := helpOf(ctx, env, &f)
		if err != nil {
			return nil, fmt.Errorf("tumpline man: %s: %w", f.name(), err)
		}
		name, form := "tumpline-"+f.name(), "tumpline "+f.use
		if f.applet {
			name, form = f.name(), f.use
		}
		names = append(names, name)
		fmt.Fprintf(&commands, "  %-16s %s\n", f.name(), f.short)
		pages = append(pages, &manpage.Page{Name: name, About: f.short, Help: help, Form: form, SeeAlso: []string{"tumpline"}})
	}
	pages = append(pages, &manpage.Page{Name: "tumpline", About: "a Portage-compatible resolver and package manager", Help: commands.String(), SeeAlso: names})
	for _, p := range pages {
		p.Version, p.Manual = "tumpline "+cli.Version(), "tumpline"
	}
	return pages, nil
}

// helpOf gives what a command prints for --help.
func helpOf(ctx context.Context, env *cli.Env, f *front) (string, error) {
	var out bytes.Buffer
	inner := env.With(f.name(), []string{"--help"})
	inner.Out, inner.Err = &out, &out
	err := f.run(ctx, inner)
	if failed := (*cli.FailedError)(nil); err != nil && !errors.As(err, &failed) {
		return "", err
	}
	return out.String(), nil
}
