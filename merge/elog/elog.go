// Package elog gathers the messages that a build gave with einfo, ewarn and their
// kin, and hands those that the user wants to see again to the modules that
// PORTAGE_ELOG_SYSTEM names.
//
// Phases leave messages in a file each of a folder (T/logging), a line "CLASS text"
// for each line; files and classes are Portage's, and so is what modules write.
// Modules are echo, save, save_summary, custom, syslog, mail and mail_summary; others
// are refused by name.
package elog

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"
)

// phases are the files of a folder of messages, in the order in which they are told.
func phases() []string {
	return []string{"pretend", "setup", "unpack", "prepare", "configure", "compile", "test", "install", "package", "instprep",
		"preinst", "postinst", "prerm", "postrm", "nofetch", "config", "info", "other"}
}

// classes are those that a message can have.
func classes() []string { return []string{"ERROR", "INFO", "LOG", "QA", "WARN"} }

// maxFile bounds what one phase may have said, in bytes.
const maxFile = 4 << 20

// An Entry is what was said in one class without a break.
type Entry struct {
	Class string // ERROR, INFO, LOG, QA, WARN
	Lines []string
}

// A Phase has its messages in order.
type Phase struct {
	Name    string
	Entries []Entry
}

// Messages are those of one build, by phase.
type Messages []Phase

// Collect reads the messages of a folder within top and removes them, so that they
// are told once. No link is followed out of top: those who build may write there. A
// folder that does not exist has none. What cannot be understood is a problem with
// its file and line and hides nothing else.
func Collect(top, dir string) (Messages, []error) {
	root, err := os.OpenRoot(top)
	var names []fs.DirEntry
	if err == nil {
		defer root.Close()
		names, err = fs.ReadDir(root.FS(), dir)
	}
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, []error{fmt.Errorf("read messages: %w", err)}
	}
	var problems []error
	byPhase := make(map[string][]Entry)
	for _, n := range names {
		file := filepath.Join(dir, n.Name())
		if !slices.Contains(phases(), n.Name()) {
			problems = append(problems, fmt.Errorf("%q: messages of an unknown phase", file))
			continue
		}
		entries, errs := read(root, file)
		byPhase[n.Name()] = entries
		problems = append(problems, errs...)
		if err := root.Remove(file); err != nil {
			problems = append(problems, fmt.Errorf("remove messages: %w", err))
		}
	}
	var out Messages
	for _, name := range phases() {
		if len(byPhase[name]) > 0 {
			out = append(out, Phase{Name: name, Entries: byPhase[name]})
		}
	}
	return out, problems
}

// read reads one file; an ebuild may have put anything in its place.
func read(root *os.Root, file string) ([]Entry, []error) {
	f, err := root.OpenFile(file, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, []error{fmt.Errorf("read messages: %w", err)}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, []error{fmt.Errorf("read messages: %s is no regular file", file)}
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, []error{fmt.Errorf("read messages: %w", err)}
	}
	entries, problems := Parse(string(text))
	for i, p := range problems {
		problems[i] = fmt.Errorf("%s: %w", file, p)
	}
	return entries, problems
}

// Parse reads lines "CLASS text". Neighbours of one class become one entry.
func Parse(text string) (entries []Entry, problems []error) {
	for i, line := range strings.Split(text, "\n") {
		if line == "" {
			continue
		}
		class, said, ok := strings.Cut(line, " ")
		if !ok || !slices.Contains(classes(), class) {
			problems = append(problems, fmt.Errorf("line %d: expected a class and a message, not %.60q", i+1, line))
			continue
		}
		if !utf8.ValidString(said) {
			said = strings.ToValidUTF8(said, "\ufffd")
		}
		if n := len(entries); n > 0 && entries[n-1].Class == class {
			entries[n-1].Lines = append(entries[n-1].Lines, said)
		} else {
			entries = append(entries, Entry{Class: class, Lines: []string{said}})
		}
	}
	return entries, problems
}

// Only gives the messages of some classes; "*" stands for all.
func (m Messages) Only(wanted []string) Messages {
	var out Messages
	for _, p := range m {
		kept := Phase{Name: p.Name}
		for _, e := range p.Entries {
			if slices.ContainsFunc(wanted, func(w string) bool { return w == "*" || strings.EqualFold(w, e.Class) }) {
				kept.Entries = append(kept.Entries, e)
			}
		}
		if len(kept.Entries) > 0 {
			out = append(out, kept)
		}
	}
	return out
}

// Text is how messages are kept: a line "CLASS: phase" before those of one class.
func (m Messages) Text() string {
	var b strings.Builder
	for _, p := range m {
		for _, e := range p.Entries {
			fmt.Fprintf(&b, "%s: %s\n", e.Class, p.Name)
			for _, line := range e.Lines {
				fmt.Fprintln(&b, line)
			}
		}
	}
	return b.String()
}
