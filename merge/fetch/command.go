package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// Commands are the programs that fetch instead of the built-in client.
type Commands struct {
	// Vars are FETCHCOMMAND, RESUMECOMMAND and those of a protocol, FETCHCOMMAND_SFTP.
	Vars map[string]string
	// Set names those that the user has set. Only they stand in for the built-in
	// client; the others serve protocols that it does not know.
	Set     map[string]bool
	Wrapper string   // FETCH_WRAPPER: gets the command as its last argument
	SSHOpts string   // PORTAGE_SSH_OPTS
	Environ []string // of the program, as NAME=VALUE
	Output  io.Writer
	// Credential is whom the program runs as (FEATURES=userfetch); nil: as this process.
	Credential *syscall.Credential
}

// A command fetches or continues a file.
type command struct {
	fetch, resume         string
	fetchName, resumeName string // of the variables
}

// of gives the command for a protocol, or nil where the built-in client serves.
func (c *Commands) of(protocol string) *command {
	out := &command{}
	out.fetchName, out.fetch = c.find("FETCHCOMMAND", protocol)
	out.resumeName, out.resume = c.find("RESUMECOMMAND", protocol)
	if out.fetch == "" || served(protocol) && !c.Set[out.fetchName] {
		return nil
	}
	if out.resume == "" || served(protocol) && !c.Set[out.resumeName] {
		out.resume, out.resumeName = "", "" // that of another program would not fit
	}
	return out
}

func (c *Commands) find(name, protocol string) (found, text string) {
	own := name + "_" + strings.ToUpper(protocol)
	if text, ok := c.Vars[own]; ok {
		return own, text
	}
	return name, c.Vars[name]
}

// words makes the words of a command line, as Portage does: variables expanded,
// then split like a shell without running one.
func (c *Commands) words(text string, vars map[string]string) ([]string, error) {
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if strings.ContainsAny(vars[name], "\"'\\\n") && name != "PORTAGE_SSH_OPTS" {
			return nil, fmt.Errorf("%s has a quote or a backslash: %q", name, vars[name])
		}
	}
	expanded, err := shellconf.Expand(text, vars)
	if err != nil {
		return nil, err
	}
	words, err := shellconf.Split(expanded)
	if err == nil && len(words) == 0 {
		err = errors.New("there is no program")
	}
	return words, err
}

// run runs a command that writes to the file name in dir.
func (c *Commands) run(ctx context.Context, variable, text, uri, path, digests string) error {
	if !strings.Contains(text, "${FILE}") {
		return fmt.Errorf("%s does not contain ${FILE}", variable)
	}
	dir, name := filepath.Split(path)
	vars := map[string]string{"URI": uri, "FILE": name, "DISTDIR": filepath.Clean(dir), "DIGESTS": digests, "PORTAGE_SSH_OPTS": c.SSHOpts}
	words, err := c.words(text, vars)
	if err != nil {
		return fmt.Errorf("%s: %w", variable, err)
	}
	if c.Wrapper != "" {
		wrapper, err := c.words(c.Wrapper, vars)
		if err != nil {
			return fmt.Errorf("FETCH_WRAPPER: %w", err)
		}
		words = append(wrapper, quoteWords(words))
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.Environ, c.Output, c.Output
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.Credential, Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = defaultStall / 12
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %s: %w", variable, words[0], err)
	}
	return nil
}

// quoteWords makes one shell word of several.
func quoteWords(words []string) string {
	safe := regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)
	out := make([]string, len(words))
	for i, w := range words {
		if out[i] = w; !safe.MatchString(w) {
			out[i] = "'" + strings.ReplaceAll(w, "'", `'"'"'`) + "'"
		}
	}
	return strings.Join(out, " ")
}

// byCommand gets the file with a program. Its status matters only if the file is
// short.
func (j *job) byCommand(ctx context.Context, c *command, uri string) error {
	variable, text := c.fetchName, c.fetch
	from := j.start()
	if from > 0 && c.resume != "" {
		variable, text = c.resumeName, c.resume
	} else if err := os.Remove(j.part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	size := int64(-1)
	if j.file.known() {
		size = j.file.Entry.Size
	}
	j.f.event(Event{Kind: EventStart, Name: j.file.Name, CPV: j.request.CPV, URI: uri, From: from, Bytes: from, Size: size})
	failure := j.f.set.Commands.run(ctx, variable, text, uri, j.part, j.digests())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	st, err := os.Stat(j.part)
	switch {
	case err != nil && failure == nil:
		return fmt.Errorf("%s made no file", variable)
	case err != nil:
		return failure
	case st.IsDir():
		return fmt.Errorf("%s made a folder instead of a file", variable)
	case st.Size() == 0:
		return errors.Join(failure, errors.New("the file is empty"), os.Remove(j.part))
	}
	j.result.Bytes += max(0, st.Size()-from)
	j.permit(j.part)
	return j.judgeCommand(ctx, uri, failure, st.Size())
}

// judgeCommand decides about what a program left.
func (j *job) judgeCommand(ctx context.Context, uri string, failure error, size int64) error {
	if !j.file.known() {
		j.resume = true
		return failure
	}
	if failure != nil && size < j.file.Entry.Size {
		if isErrorPage(j.part, j.file.Name, size) {
			return errors.Join(failure, os.Remove(j.part))
		}
		j.resume = true
		return failure
	}
	err := j.check(ctx, j.part)
	var wrong *manifest.FileError
	if !errors.As(err, &wrong) {
		return err
	}
	wrong.File = hidePassword(uri)
	j.resume = false
	if aside := j.SetAside(j.part); aside != nil {
		return errors.Join(err, aside)
	}
	return err
}

// errorPageLimit is the size from which on a file is no error page.
const errorPageLimit = 100000

// isErrorPage says whether a file is a page that says that there is no file.
func isErrorPage(path, name string, size int64) bool {
	if size >= errorPageLimit || len(name) <= 4 || strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".htm") {
		return false
	}
	text, err := os.ReadFile(path)
	return err == nil && regexp.MustCompile(`(?i)<title>.*(not found|404).*</title>`).Match(text)
}

// digests gives the known digests as "blake2b:HEX sha512:HEX".
func (j *job) digests() string {
	var words []string
	for _, h := range j.file.Entry.Hashes {
		words = append(words, strings.ToLower(h.Name)+":"+h.Hex)
	}
	return strings.Join(words, " ")
}

// smallByCommand fetches a small file to DISTDIR with a program, and reads it.
func (f *Fetcher) smallByCommand(ctx context.Context, c *command, uri, name string) ([]byte, error) {
	path := filepath.Join(f.set.Distdir, name)
	if err := f.set.Commands.run(ctx, c.fetchName, c.fetch, uri, path+partSuffix, ""); err != nil {
		return nil, err
	}
	if err := os.Rename(path+partSuffix, path); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(io.LimitReader(file, layoutLimit))
	return b.Bytes(), err
}
