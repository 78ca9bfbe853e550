package emerge

import (
	"context"
	"fmt"
	"time"

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

// tellDropped tells which parts of contradicting options count for nothing.
func (r *run) tellDropped(sentences []string) {
	for _, s := range sentences {
		_, _ = fmt.Fprintf(r.env.Err, "\n!!! %s\n", s) // a closed standard error cannot be told anything
	}
}
