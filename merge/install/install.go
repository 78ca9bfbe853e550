// Package install carries out the install commands of ebuilds (PMS 12.3.9: doins,
// dobin, dosym, fperms and the others) on the image directory.
//
// A Call says what a phase typed, where, and which shell variables it saw; Run
// does it in this process, so that an ebuild which calls doins a hundred times
// starts no hundred programs. The shell's side of it (functions named like the
// commands, and programs for `find -exec`) belongs to who runs phases. Where PMS
// leaves something open the commands behave as Portage's do, which call
// install(1), ln(1), chmod(1) and chown(1).
//
// Nothing here guards the host: a link inside the image is followed as those
// programs follow it. Run it where the phase itself is confined.
package install

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// A Call is one command as a phase typed it.
type Call struct {
	Name string   // of the command
	Args []string // without the name
	Dir  string   // the caller's working directory, absolute
	// Var gives a variable of the caller's shell, "" if it is unset: D ED EAPI PF PN
	// CATEGORY SLOT T ROOT SYSROOT ..., and the state that into, insinto, insopts
	// and their kin keep (see State).
	Var      func(name string) string
	EAPI     *eapi.Features
	Nonfatal bool      // under nonfatal: failures are told and returned
	Stdin    io.Reader // for new* -; nil if it is a terminal
	Out      io.Writer // messages, the caller's standard error
}

// State names the variables in which the state of the commands is kept.
const (
	VarInto     = "__E_DESTTREE"    // into
	VarInsinto  = "__E_INSDESTTREE" // insinto
	VarExeinto  = "__E_EXEDESTTREE" // exeinto
	VarDocinto  = "__E_DOCDESTTREE" // docinto
	VarInsopts  = "INSOPTIONS"      // insopts: options of install(1)
	VarExeopts  = "EXEOPTIONS"      // exeopts
	VarLibopts  = "LIBOPTIONS"      // libopts
	VarDiropts  = "DIROPTIONS"      // diropts
	VarDistdir  = "PORTAGE_ACTUAL_DISTDIR"
	VarXattr    = "PORTAGE_XATTR_EXCLUDE"
	VarFeatures = "FEATURES"
)

// A Result is what came of a call.
type Result struct {
	Status int // exit status of the command
	// Die is why the phase must end now; "" if it goes on. From EAPI 4 a command
	// that fails ends the phase unless it was called under nonfatal; a command
	// that the EAPI bans ends it always.
	Die string
	// Notices are QA notices, for eqawarn.
	Notices []string
}

// command is a running call.
type command struct {
	*Call
	res Result
}

// errAbort unwinds a call after res.Die was set.
var errAbort = errors.New("the command ends the phase")

// Names lists the commands that Run knows, sorted.
func Names() []string { return sortedKeys(commands()) }

// Run carries out a call. An unknown name is status 127.
func Run(c *Call) Result {
	cmd := &command{Call: c}
	f, ok := commands()[c.Name]
	if !ok {
		cmd.say("%s: no such command", c.Name)
		cmd.res.Status = 127
		return cmd.res
	}
	if err := f(cmd); err != nil {
		cmd.res.Status = max(cmd.res.Status, 1)
		if !errors.Is(err, errAbort) {
			cmd.say("%v", err)
			_ = cmd.fail("%s failed", c.Name) // the status says it already
		}
	}
	return cmd.res
}

func (c *command) say(format string, args ...any) {
	fmt.Fprintf(c.Out, "!!! "+format+"\n", args...) // a message that nobody can read is lost
}

func (c *command) notice(format string, args ...any) {
	c.res.Notices = append(c.res.Notices, "QA Notice: "+fmt.Sprintf(format, args...))
}

// fail reports a failure that ends the phase, if failing commands do so in this
// EAPI and nonfatal was not asked for: then the error is errAbort. Else it is told
// and the error is nil: like Portage's commands, the caller may go on.
func (c *command) fail(format string, args ...any) error {
	msg := fmt.Sprintf(format, args...)
	c.res.Status = 1
	if c.EAPI.HelpersDie && !c.Nonfatal {
		c.res.Die = msg
		return errAbort
	}
	c.say("%s", msg)
	return nil
}

// stop is fail where nothing can go on: its error is never nil.
func (c *command) stop(format string, args ...any) error {
	if err := c.fail(format, args...); err != nil {
		return err
	}
	return errAbort
}

// banned ends the phase, nonfatal or not.
func (c *command) banned(format string, args ...any) error {
	c.res.Status, c.res.Die = 1, fmt.Sprintf(format, args...)
	return errAbort
}

// eapiBan ends the phase unless the EAPI has the command.
func (c *command) eapiBan(has bool) error {
	if has {
		return nil
	}
	return c.banned("'%s' is not allowed in EAPI %s", c.Name, c.EAPI.Name)
}

// needArgs demands one argument at least.
func (c *command) needArgs() error {
	if len(c.Args) == 0 {
		return c.stop("%s: at least one argument needed", c.Name)
	}
	return nil
}

// ED is the image directory with the offset prefix, without a slash at its end.
func (c *command) ED() string {
	name := "D"
	if c.EAPI.Prefix {
		name = "ED"
	}
	return strings.TrimRight(c.Var(name), "/")
}

// image gives the path of p in the image. The slash at the end of p stays.
func (c *command) image(p string) string { return c.ED() + "/" + strings.TrimLeft(p, "/") }

// path makes an argument absolute. A slash at its end stays: it means a folder.
func (c *command) path(p string) string {
	if p == "" || filepath.IsAbs(p) { // an empty name is that of no file
		return p
	}
	return strings.TrimRight(c.Dir, "/") + "/" + p
}

// into gives the folder that the command `into` chose. From EAPI 7 DESTTREE must
// not be set; before, it is the state.
func (c *command) into() (string, error) {
	if c.EAPI.DESTTREE {
		return c.Var("DESTTREE"), nil
	}
	if c.Var("DESTTREE") != "" {
		return "", c.banned("%s: DESTTREE is banned in EAPI %s, use into", c.Name, c.EAPI.Name)
	}
	return c.Var(VarInto), nil
}

func (c *command) feature(name string) bool {
	for _, f := range strings.Fields(c.Var(VarFeatures)) {
		if f == name {
			return true
		}
	}
	return false
}
