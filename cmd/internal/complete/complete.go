// Package complete completes command lines in shells: it prints the little scripts
// that bash, zsh and fish load, and answers the question that they ask at each TAB.
//
// Names of packages come from the folders of repositories and of the database of
// installed packages, USE flags from their descriptions or the package's cache entry,
// options from the command's own help. Nothing is resolved and no configuration is
// read but repos.conf and make.conf, so that an answer takes a few milliseconds.
package complete

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/q/settings"
)

// A Command is one of the program's.
type Command struct {
	Name, Short string
	Run         cli.Front
	Applet      bool // it also answers to its name alone
}

const usage = "usage: tumpline completion bash|zsh|fish [NAME...]\n"

const help = usage + `
Print a script that completes command lines in a shell: options, names of packages,
versions after an operator, sets, USE flags. The script is for tumpline and all names
that it answers to, and for the names given, such as those of boards' wrappers.

Examples:
  source <(tumpline completion bash emerge-myboard)
  tumpline completion zsh > ~/.zsh/functions/_tumpline
  tumpline completion fish > ~/.config/fish/completions/tumpline.fish
`

// Front is the command "completion". commands lists all commands.
func Front(commands func() []Command) cli.Front {
	return func(ctx context.Context, env *cli.Env) error {
		if len(env.Args) == 0 {
			return &cli.UsageError{Program: "tumpline completion", Usage: usage, Msg: "the shell is missing"}
		}
		switch shell := env.Args[0]; shell {
		case "words":
			return answer(ctx, env, commands())
		case "-h", "--help":
			_, err := fmt.Fprint(env.Out, help)
			return err
		default:
			names := []string{"tumpline"}
			for _, c := range commands() {
				if c.Applet {
					names = append(names, c.Name)
				}
			}
			text, ok := script(shell, append(names, env.Args[1:]...))
			if !ok {
				return &cli.UsageError{Program: "tumpline completion", Usage: usage, Msg: fmt.Sprintf("unknown shell %q", shell)}
			}
			_, err := fmt.Fprint(env.Out, text)
			return err
		}
	}
}

// A candidate is one word that may stand where the cursor is.
type candidate struct{ word, about string }

// A completer is one question.
type completer struct {
	env      *cli.Env
	commands []Command
	before   []string // the words of the command line before the current one
	current  string
	conf     *settings.Settings
	found    []candidate
	files    bool // names of files may stand there too
	noSpace  bool // what was found goes on
}

// answer answers "words WORD..." or "words --line LINE": the last word is the current
// one. Each candidate has its line, with a tab before what it is about; then come
// ":files" and ":nospace" if they apply.
func answer(ctx context.Context, env *cli.Env, commands []Command) error {
	words := env.Args[1:]
	if len(words) == 2 && words[0] == "--line" {
		line := words[1]
		words = strings.Fields(line)
		if line == "" || strings.HasSuffix(line, " ") {
			words = append(words, "")
		}
	}
	if len(words) < 2 {
		return nil
	}
	c := &completer{env: env, commands: commands, before: words[:len(words)-1], current: words[len(words)-1]}
	c.complete(ctx)
	slices.SortFunc(c.found, func(a, b candidate) int { return strings.Compare(a.word, b.word) })
	for _, f := range slices.CompactFunc(c.found, func(a, b candidate) bool { return a.word == b.word }) {
		if f.about != "" {
			f.word += "\t" + f.about
		}
		if _, err := fmt.Fprintln(env.Out, f.word); err != nil {
			return err
		}
	}
	directives := ""
	if c.files {
		directives += ":files\n"
	}
	if c.noSpace {
		directives += ":nospace\n"
	}
	_, err := fmt.Fprint(env.Out, directives)
	return err
}

// offer adds a candidate if the current word is its beginning.
func (c *completer) offer(word, about string) {
	if strings.HasPrefix(word, c.current) {
		c.found = append(c.found, candidate{word, about})
	}
}

// complete finds the candidates.
func (c *completer) complete(ctx context.Context) {
	name := c.before[0][strings.LastIndexByte(c.before[0], '/')+1:]
	words := c.before[1:]
	if name == "tumpline" || name == "q" {
		if len(words) == 0 && !strings.HasPrefix(c.current, "-") {
			c.subcommands(name)
			return
		}
		if len(words) > 0 {
			prefix := ""
			if name == "q" && !strings.HasPrefix(words[0], "q") {
				prefix = "q"
			}
			name, words = prefix+words[0], words[1:]
		}
	}
	command := c.find(name)
	switch {
	case command == nil:
		c.files = true
	case strings.HasPrefix(c.current, "-"):
		c.options(ctx, command)
	default:
		c.arguments(ctx, command, words)
	}
}

// find finds a command. The name of a board's wrapper is that of its command, a
// hyphen and the board.
func (c *completer) find(name string) *Command {
	for {
		for i := range c.commands {
			if c.commands[i].Name == name {
				return &c.commands[i]
			}
		}
		at := strings.LastIndexByte(name, '-')
		if at < 0 {
			return nil
		}
		name = name[:at]
	}
}

// subcommands offers the names of commands, of q without their first letter.
func (c *completer) subcommands(program string) {
	for _, command := range c.commands {
		name := command.Name
		if program == "q" {
			var ok bool
			if name, ok = strings.CutPrefix(name, "q"); !ok || name == "" {
				continue
			}
		}
		c.offer(name, command.Short)
	}
}

// options offers what the help of a command shows as options.
func (c *completer) options(ctx context.Context, command *Command) {
	shown := regexp.MustCompile(`(?m)(?:^|[\s,\[|(])(--?[A-Za-z0-9][A-Za-z0-9-]*)`)
	for _, m := range shown.FindAllStringSubmatch(c.output(ctx, command, "--help"), -1) {
		if strings.HasPrefix(m[1], "--") || len(m[1]) == 2 {
			c.offer(m[1], "")
		}
	}
}

// output is what a command prints. An error is of no interest here.
func (c *completer) output(ctx context.Context, command *Command, args ...string) string {
	var out bytes.Buffer
	env := c.env.With(command.Name, args)
	env.In, env.Out, env.Err = strings.NewReader(""), &out, &bytes.Buffer{}
	env.InTerminal, env.OutTerminal, env.ErrTerminal = false, false, false
	_ = command.Run(ctx, env)
	return out.String()
}
