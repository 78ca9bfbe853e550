package phase

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/merge/install"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// A Caller is a process that was started as one of the commands of phases.
type Caller struct {
	Name           string // the last part of its argv[0]
	Args           []string
	Env            func(string) string
	Dir            string
	Stdin          io.Reader // nil: a terminal
	Stdout, Stderr io.Writer
}

// queryCommand is what has_version and best_version call.
const queryCommand = "___tumpline_query"

// failCommand ends the phase unless it runs under nonfatal.
const failCommand = "___tumpline_failed"

// messages are the message commands, with their class in the log.
func messages() map[string]string {
	return map[string]string{"einfo": "INFO", "elog": "LOG", "ewarn": "WARN", "eerror": "ERROR", "eqawarn": "QA"}
}

// CommandNames lists the commands that a program can be started as.
func CommandNames() []string {
	names := append(install.Names(), queryCommand, failCommand, "die",
		"prepall", "prepalldocs", "prepallinfo", "prepallman", "prepallstrip", "prepinfo", "prepman", "prepstrip")
	for name := range messages() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// IsCommand says whether a process that was started under a name, with an
// environment, is a command of a phase.
func IsCommand(name string, env func(string) string) bool {
	return env(socketVariable) != "" && slices.Contains(CommandNames(), name)
}

// Command carries the command out and gives its exit status.
func Command(c Caller) int {
	c.Env = withPrivate(c.Env)
	switch {
	case c.Name == queryCommand:
		return c.query()
	case c.Name == failCommand:
		return c.failed(strings.Join(c.Args, " "))
	case c.Name == "die":
		return c.die(strings.Join(c.Args, " "))
	case strings.HasPrefix(c.Name, "prep"):
		return c.die("'" + c.Name + "' is not allowed in ebuild scope")
	case messages()[c.Name] != "":
		c.message(messages()[c.Name], strings.Join(c.Args, " "))
		return 0
	}
	return c.install()
}

// withPrivate adds the variables that are not exported, from the file that holds
// them (EAPI 9).
func withPrivate(env func(string) string) func(string) string {
	file := env("PORTAGE_EBUILD_EXTRA_SOURCE")
	if file == "" {
		return env
	}
	parsed, err := shellconf.ReadFile(file, shellconf.Options{})
	if err != nil {
		return env // then the command misses what it needs, and says so
	}
	return func(name string) string {
		if v, ok := parsed.Lookup(name); ok {
			return v.Value
		}
		return env(name)
	}
}

func (c *Caller) install() int {
	features, ok := eapi.Lookup(c.Env("EAPI"))
	if !ok {
		fmt.Fprintf(c.Stderr, "!!! %s: not called from a phase: EAPI is %q\n", c.Name, c.Env("EAPI"))
		return 1
	}
	res := install.Run(&install.Call{Name: c.Name, Args: c.Args, Dir: c.Dir, Var: c.Env, EAPI: features,
		Nonfatal: c.Env("PORTAGE_NONFATAL") == "1", Stdin: c.Stdin, Out: c.Stderr})
	for _, notice := range res.Notices {
		c.message("QA", notice)
	}
	if res.Die != "" {
		return c.die(res.Die)
	}
	return res.Status
}

// message prints a message, and keeps it for the package manager.
func (c *Caller) message(class, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(c.Stderr, " * %s\n", line)
	}
	dir := filepath.Join(c.Env("T"), "logging")
	phase := c.Env("EBUILD_PHASE")
	if phase == "" {
		phase = "other"
	}
	f, err := os.OpenFile(filepath.Join(dir, filepath.Base(phase)), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return // there is no log outside a build
	}
	defer f.Close()
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(f, "%s %s\n", class, line)
	}
}

// failed is the end of a command that failed: of the phase too, from EAPI 4 on.
func (c *Caller) failed(message string) int {
	features, ok := eapi.Lookup(c.Env("EAPI"))
	if ok && features.HelpersDie && c.Env("PORTAGE_NONFATAL") != "1" {
		return c.die(message)
	}
	fmt.Fprintf(c.Stderr, "!!! %s\n", message)
	return 1
}

// die ends the phase.
func (c *Caller) die(message string) int {
	if message == "" {
		message = "(no message)"
	}
	c.message("ERROR", message)
	if _, err := c.ask(ask{Op: "die", Message: message, Command: c.Name, Dir: c.Dir}); err != nil {
		fmt.Fprintf(c.Stderr, "!!! %s: %v\n", c.Name, err)
	}
	return 1
}

// query asks about installed packages: has_version|best_version -r|-d|-b ATOM.
func (c *Caller) query() int {
	if len(c.Args) != 3 {
		return 3
	}
	a, err := c.ask(ask{Op: c.Args[0], Root: c.Args[1], ROOT: c.Env("___ROOT"), Atom: c.Args[2]})
	if err != nil {
		fmt.Fprintf(c.Stderr, "!!! %s: %v\n", c.Args[0], err)
		return 3
	}
	if a.Status > 1 {
		fmt.Fprintf(c.Stderr, "!!! %s: %s\n", c.Args[0], a.Output)
	} else {
		fmt.Fprint(c.Stdout, a.Output)
	}
	return a.Status
}

func (c *Caller) ask(q ask) (answer, error) {
	var a answer
	var conn net.Conn
	err := shortly(c.Env(socketVariable), func(path string) (err error) {
		conn, err = net.Dial("unix", path)
		return err
	})
	if err != nil {
		return a, fmt.Errorf("reach the package manager: %w", err)
	}
	defer conn.Close()
	if err := json.NewEncoder(conn).Encode(q); err != nil {
		return a, fmt.Errorf("ask the package manager: %w", err)
	}
	if err := json.NewDecoder(conn).Decode(&a); err != nil {
		return a, fmt.Errorf("read the package manager's answer: %w", err)
	}
	return a, nil
}
