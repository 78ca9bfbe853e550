package emerge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/news"
)

// tellNews tells how many news items wait to be read, and says if there are any.
// Before and after a run that changes something it also notes new ones; a pretended
// one looks only.
func (r *run) tellNews() bool {
	if r.take != nil || r.json() || r.events() || !r.feature("news") {
		return false
	}
	note := news.Keep
	if r.line.Has("--pretend") {
		note = news.Look
	}
	list, problems := news.Count(r.session.Target, note)
	for _, p := range problems {
		_, _ = fmt.Fprintf(r.env.Err, "!!! %v\n", p)
	}
	if len(list) == 0 {
		return false
	}
	paint := r.painter()
	var b strings.Builder
	b.WriteString("\n")
	for _, u := range list {
		fmt.Fprintf(&b, "%s %d news items need reading for repository '%s'.\n", paint("WARN", " * IMPORTANT:"), u.Count, u.Repo)
	}
	fmt.Fprintf(&b, "%s Use %s to view new items.\n\n", paint("WARN", " *"), paint("GOOD", "eselect news read"))
	if r.holdsNews {
		r.hold(b.String())
		return true
	}
	_, _ = fmt.Fprint(r.env.Out, b.String()) // an error of writing comes when it is flushed
	return true
}

// checkNews is the action --check-news.
func (r *run) checkNews() error {
	if r.tellNews() || r.line.Has("--quiet") {
		return nil
	}
	_, err := fmt.Fprintln(r.env.Out, " * No news items were found.")
	return err
}

// listSets is the action --list-sets.
func (r *run) listSets() error {
	names := slices.Clone(r.session.Target.Sets.Names())
	slices.Sort(names)
	_, err := fmt.Fprintln(r.env.Out, strings.Join(names, "\n"))
	return err
}
