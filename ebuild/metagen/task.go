package metagen

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/bash"
)

// A task is the work for one ebuild.
type task struct {
	g       *Generator
	repo    *ebuild.Repository
	library *library
	cpv     atoms.CPV
	path    string
	text    string
	digest  string
	eapi    *eapi.Features
	line    int // of the EAPI
	bash    string
	output  string
}

// fail makes the error of a task whose culprit is the ebuild as a whole.
func (t *task) fail(k Kind, msg string, cause error) *Error {
	return &Error{CPV: t.cpv, File: t.path, Kind: k, Msg: msg, Output: t.output, Err: cause}
}

// prepare looks at the text of the ebuild before it is sourced.
func (t *task) prepare() error {
	if i := strings.IndexByte(t.text, 0); i >= 0 {
		e := t.fail(KindText, "NUL byte", nil)
		e.Line = 1 + strings.Count(t.text[:i], "\n")
		return e
	}
	name, line := ParseEAPI(t.text)
	t.line = line
	f, ok := eapi.Lookup(name)
	if !ok {
		k := KindUnsupported
		if name == "" {
			k = KindEAPI
		}
		e := t.fail(k, fmt.Sprintf("EAPI %q is not supported", name), nil)
		e.Line = line
		return e
	}
	t.eapi = f
	return t.chooseBash()
}

// chooseBash finds the bash that the EAPI wants.
func (t *task) chooseBash() error {
	want, err := bash.ParseVersion(t.eapi.BashVersion)
	if err != nil {
		return t.fail(KindInternal, "version of bash", err)
	}
	if least := bash.Least(); !want.AtLeast(least) {
		want = least
	}
	var found []string
	for _, b := range t.g.bash() {
		switch {
		case b.err != nil:
			found = append(found, b.err.Error())
		case b.version.AtLeast(want):
			t.bash = b.path
			return nil
		default:
			found = append(found, fmt.Sprintf("%s is %s", b.path, b.version))
		}
	}
	return t.fail(KindBash, fmt.Sprintf("EAPI %s needs bash %s or newer: %s", t.eapi.Name, want, strings.Join(found, "; ")), nil)
}

// run sources the ebuild in a fork of a long-lived shell, and if that fails in
// one of its own.
func (t *task) run(ctx context.Context) (*bash.Metadata, error) {
	m, err := t.runShared(ctx)
	if err == nil && m != nil {
		t.g.tell(t.cpv, t.output)
		return m, nil
	}
	var e *Error
	if err == nil || errors.As(err, &e) && e.Kind == KindKilled {
		m, err = t.runExact(ctx)
	}
	if err == nil || errors.As(err, &e) {
		t.g.tell(t.cpv, t.output)
	}
	return m, err
}

// runShared gives nil if the ebuild must run by itself.
func (t *task) runShared(ctx context.Context) (*bash.Metadata, error) {
	p := t.library.plan(t.text)
	for range maxRetries {
		m, f, err := t.fork(ctx, p)

		switch {
		case err != nil:
			return nil, err
		case f != nil && f.Kind == "lazy" && len(f.Frames) > 0 && t.library.called(p, f.Message, f.Frames[0].File):
		case m != nil && !t.library.fits(&p, m.Inherited):
		default:
			return m, nil
		}
	}
	return nil, nil
}

// maxRetries is how often an ebuild may start again because of functions that
// were left out.
const maxRetries = 100

// fork runs the ebuild once in a fork of a shared shell. Neither result means
// that it has failed there.
func (t *task) fork(ctx context.Context, p plan) (*bash.Metadata, *bash.Failure, error) {
	w, err := t.g.pool.Get(ctx, sort{repo: t.repo, eapi: t.eapi, bash: t.bash, whole: p.whole})
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, err
		}
		return nil, nil, t.fail(KindInternal, "no shell", err)
	}
	defer t.g.pool.Put(w)
	number, err := nonce()
	if err != nil {
		return nil, nil, t.fail(KindInternal, "no shell", err)
	}
	limited, cancel := context.WithTimeoutCause(ctx, t.g.options.Timeout, errTimeout)
	defer cancel()
	commands, versions := t.library.commands(p, w.State)
	reply, err := w.Run(limited, bash.Request{Shell: commands, Fork: t.request(number, p.traces || p.whole)})
	if err := t.ended(ctx, reply, err); err != nil {
		return nil, nil, err
	}
	t.library.parsed(versions, reply.Parsed, w.State)
	m, f, err := bash.ParseResult(reply.Result, number)
	if err != nil || m == nil && f.Kind != "lazy" || m != nil && m.Jobs || len(reply.Forbidden) > 0 {
		w.Close() // it may have left something behind
		return nil, nil, nil
	}
	return m, f, nil
}

// errTimeout is why a shell was killed that worked for too long.
var errTimeout = errors.New("timeout")

// ended judges how a request ended, but not its result.
func (t *task) ended(ctx context.Context, r bash.Reply, err error) error {
	t.output = r.Output
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, errTimeout):
		return t.fail(KindTimeout, fmt.Sprintf("not done after %v", t.g.options.Timeout), nil)
	case err != nil:
		return t.fail(KindInternal, "shell", err)
	case r.Status < 0 && r.Signal != 0 && r.Signal != syscall.SIGTERM:
		return t.fail(KindKilled, fmt.Sprintf("bash was ended by signal %d (%v)", int(r.Signal), r.Signal), nil)
	case r.Leftover:
		return t.fail(KindBackground, "leaves processes running in the background", nil)
	}
	return nil
}

// runExact sources the ebuild in a bash of its own.
func (t *task) runExact(ctx context.Context) (*bash.Metadata, error) {
	spec, err := t.g.spec(sort{repo: t.repo, eapi: t.eapi, bash: t.bash, exact: true})
	if err != nil {
		return nil, t.fail(KindInternal, "no shell", err)
	}
	number, err := nonce()
	if err != nil {
		return nil, t.fail(KindInternal, "no shell", err)
	}
	limited, cancel := context.WithTimeoutCause(ctx, t.g.options.Timeout, errTimeout)
	defer cancel()
	reply, err := bash.Run(limited, spec, bash.Request{Fork: t.request(number, true)})
	if err := t.ended(ctx, reply, err); err != nil {
		return nil, err
	}
	if len(reply.Forbidden) > 0 {
		return nil, t.forbidden(reply.Forbidden[0])
	}
	m, f, err := bash.ParseResult(reply.Result, number)
	switch {
	case errors.Is(err, bash.ErrNoResult):
		return nil, t.silent(reply)
	case err != nil:
		return nil, t.fail(KindForged, "wrote to a descriptor of the package manager", err)
	case f != nil:
		return nil, t.failure(f)
	case m.Jobs:
		return nil, t.fail(KindBackground, "leaves processes running in the background", nil)
	}
	return m, nil
}

// request makes the text that sets the variables that ebuilds see (PMS, section
// "Defined variables").
func (t *task) request(number string, traces bool) string {
	var b strings.Builder
	c, v := t.cpv, t.cpv.Version
	revision := "r" + cmp.Or(v.Revision(), "0")
	b.WriteString("___nonce=" + number + "\n")
	if traces {
		b.WriteString("shopt -s extdebug\n")
	}
	if t.eapi.ExportVars {
		b.WriteString("export ")
	}
	build := "/var/tmp/portage/" + c.CP.Category() + "/" + c.PF()
	work := build + "/work"
	for _, pair := range [][2]string{
		{"CATEGORY", c.CP.Category()}, {"P", c.P()}, {"PF", c.PF()}, {"PN", c.PN()}, {"PV", c.PV()}, {"PVR", c.PVR()}, {"PR", revision},
		{"EBUILD", t.path}, {"EBUILD_PHASE", "depend"}, {"WORKDIR", work}, {"S", work + "/" + c.P()}, {"T", build + "/temp"},
		{"D", build + "/image"}, {"HOME", build + "/homedir"}, {"FILESDIR", build + "/files"}, {"DISTDIR", build + "/distdir"}, {"ROOT", ""},
	} {
		b.WriteString(pair[0] + "=" + bash.Quote(pair[1]) + " ")
	}
	if t.eapi.Failglob {
		b.WriteString("\nshopt -s failglob")
	}
	b.WriteString("\n")
	return b.String()
}
