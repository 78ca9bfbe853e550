package emerge

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/cmd/internal/moving"
	"github.com/tumpline/tumpline/cmd/internal/session"
)

// bringUpToDate carries out package moves that are new since the last run, as Portage
// does at the start of each run of the superuser, a pretended one as well, and tells so.
// It says if anything on disk may have changed. Where roots were put elsewhere
// (--build-root, TUMPLINE_BUILD_ROOT), or an answer is wanted as data, nothing is
// written: moves count nevertheless, since names are brought up to date as they are read.
func (r *run) bringUpToDate(ctx context.Context) (changed bool, err error) {
	if os.Geteuid() != 0 || slices.Contains([]string{"info", "sync"}, r.line.Action) || r.line.Text("--package-moves") == "n" || r.env.Vars["SANDBOX_ACTIVE"] != "" ||
		r.take != nil || r.json() || r.events() || sessionOptions(r.env, r.line).BuildRoot != "" {
		return false, nil
	}
	roots := []*session.Root{r.session.Target}
	if r.session.Build != r.session.Target {
		roots = append(roots, r.session.Build)
	}
	for _, root := range roots {
		done, err := r.movesIn(ctx, root)
		if err != nil {
			return changed, fmt.Errorf("emerge: carry out package moves in %s: %w", root.EROOT(), err)
		}
		changed = changed || done
	}
	return changed, nil
}

// movesIn carries out the moves in one root.
func (r *run) movesIn(ctx context.Context, root *session.Root) (bool, error) {
	env := shareStreams(r.env)
	say := func(text string) { _, _ = fmt.Fprint(env.Out, text) }                                      // an error of the pipe shows at the end
	places := &moving.Places{Session: r.session, Root: root, Now: time.Now(), Warn: func(...error) {}} // they are told with the session's
	files := places.Fresh()
	if len(files) == 0 {
		return false, nil
	}
	commands := 0
	for _, f := range files {
		commands += f.Commands
	}
	say(r.movesText(files))
	if commands == 0 {
		return false, nil
	}
	if unix.Access(root.EROOT(), unix.W_OK) != nil { // nothing is there, or can be changed
		say("\n\n")
		return false, nil
	}
	marks := func(renamed, slotted, updated string) func(moving.Change) {
		return func(c moving.Change) { say([]string{renamed, slotted, updated}[c]) }
	}
	updated := "#"
	if r.line.Has("--quiet") {
		updated = ""
	}
	if err := places.FixWorld(ctx); err != nil {
		return false, err
	}
	places.Done = marks("@", "s", updated)
	if err := places.FixInstalled(); err != nil {
		return true, err
	}
	places.Done = marks("%", "S", "*")
	if unix.Access(places.PKGDIR().Path, unix.W_OK) == nil {
		if err := places.FixBinaries(ctx); err != nil {
			// Reading brings their names up to date all the same.
			_, _ = fmt.Fprintf(env.Err, "emerge: warning: %v\n", err)
		}
	}
	say("\n\n")
	return true, places.Note(files)
}

// movesText is what is told before moves are carried out.
func (r *run) movesText(files []moving.File) string {
	paint, bold := r.painter(), func(text string) string { return text }
	if r.look().Theme != nil {
		bold = func(text string) string { return "\x1b[01m" + text + "\x1b[39;49;00m" }
	}
	var b strings.Builder
	b.WriteString("\n" + paint("GOOD", "Performing Global Updates\n"))
	b.WriteString("(Could take a couple of minutes if you have a lot of binary packages.)\n")
	if r.line.Has("--quiet") {
		return b.String()
	}
	for _, mark := range []string{
		".='update pass'", "*='binary update'", "#='/var/db update'", "@='/var/db move'\n",
		"s='/var/db SLOT move'", "%='binary move'", "S='binary SLOT move'\n", "p='update /etc/portage/package.*'\n",
	} {
		b.WriteString("  " + bold(mark[:1]) + mark[1:])
	}
	for _, f := range files {
		b.WriteString(bold(f.Path) + strings.Repeat(".", f.Commands) + "\n")
	}
	return b.String()
}
