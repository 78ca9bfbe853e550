package emerge

import (
	"context"
	"fmt"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/resolver/params"
)

// useBinhosts adds the binary packages of binhosts, if the request wants them.
func (r *run) useBinhosts(ctx context.Context, now time.Time) error {
	l := r.line
	if !l.Yes("--getbinpkg") {
		return nil
	}
	exclude, err := params.ParseList("--getbinpkg-exclude", l.List("--getbinpkg-exclude"), false)
	if err != nil {
		return misunderstood(err)
	}
	include, err := params.ParseList("--getbinpkg-include", l.List("--getbinpkg-include"), false)
	if err != nil {
		return misunderstood(err)
	}
	for _, problem := range r.session.UseBinhosts(ctx, exclude, include, now) {
		_, _ = fmt.Fprintf(r.env.Err, "emerge: warning: %s\n", problem) // a closed standard error cannot be told anything
	}
	return nil
}

// Quickpkg is what --quickpkg-direct and --quickpkg-direct-root ask for; false
// if nothing. abs makes a path absolute.
func (l *Line) Quickpkg(abs func(string) string) (session.Quickpkg, bool) {
	q := session.Quickpkg{}
	if l.Has("--quickpkg-direct-root") {
		q.Root = abs(l.Text("--quickpkg-direct-root"))
	}
	return q, l.Text("--quickpkg-direct") == "y"
}

// useInstalled offers installed packages as binary ones, if the request wants it.
func (r *run) useInstalled() {
	q, asked := r.line.Quickpkg(r.env.Abs)
	if !asked {
		return
	}
	r.options.RunningFixed = r.session.FixesBuild(q)
	if r.line.Yes("--usepkg") {
		r.session.Offer(q)
	}
}

// tellDropped tells which parts of contradicting options count for nothing.
func (r *run) tellDropped(sentences []string) {
	for _, s := range sentences {
		_, _ = fmt.Fprintf(r.env.Err, "\n!!! %s\n", s) // a closed standard error cannot be told anything
	}
}
