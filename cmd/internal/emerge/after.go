package emerge

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/cmd/internal/confupdates"
	"github.com/tumpline/tumpline/cmd/internal/merging"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/linkage"
	"github.com/tumpline/tumpline/merge/preserved"
)

// afterChange tells, at the end of a run that changed what is installed, what is left to
// the user: libraries that were preserved, configuration files, news.
func (r *run) afterChange() {
	if r.events() || r.json() {
		return
	}
	_, _ = fmt.Fprint(r.env.Out, r.preservedText()+r.configText()) // an error of writing comes when it is flushed
	r.tellNews()
	if r.line.Action == "" && !r.line.Has("--quiet") && slices.Contains(r.line.Args, "@world") {
		for _, line := range wrap("After world updates, it is important to remove obsolete packages with emerge --depclean. Refer to `man emerge` for more information.", 72) {
			_, _ = fmt.Fprintf(r.env.Out, " %s %s\n", r.painter()("WARN", "*"), line)
		}
	}
}

// indexInfo brings the index of info files up to date, and tells of it if there was
// anything to do.
func (r *run) indexInfo(ctx context.Context, works *merging.Works) {
	done, err := works.InfoIndex(ctx, r.session.Target)
	if err != nil {
		_, _ = fmt.Fprintf(r.env.Err, "!!! %v\n", err) // a closed stream cannot be told anything
	}
	if done == nil || done.Folders == 0 {
		return
	}
	paint, say := r.painter(), !r.events() && !r.json() && !r.line.Has("--quiet")
	if say {
		_, _ = fmt.Fprintf(r.env.Out, "\n %s Regenerating GNU info directory index...\n", paint("GOOD", "*"))
	}
	switch {
	case len(done.Errors) > 0:
		_, _ = fmt.Fprintf(r.env.Err, " %s Processed %d info files; %d errors.\n%s\n", paint("BAD", "*"), done.Files, len(done.Errors), strings.Join(done.Errors, "\n"))
	case say && done.Files > 0:
		_, _ = fmt.Fprintf(r.env.Out, " %s Processed %d info files.\n", paint("GOOD", "*"), done.Files)
	}
}

// painter gives what colours text.
func (r *run) painter() func(style, text string) string {
	if theme := r.look().Theme; theme != nil {
		return theme.Paint
	}
	return func(_, text string) string { return text }
}

// configText tells which protected files have updates waiting.
func (r *run) configText() string {
	paint, target := r.painter(), r.session.Target
	var b strings.Builder
	for _, word := range target.Config.Words("CONFIG_PROTECT") {
		path := target.EROOT() + strings.TrimLeft(word, "/")
		info, err := os.Stat(path)
		if err != nil || unix.Access(path, unix.W_OK) != nil {
			continue
		}
		list, _ := confupdates.Find(path, false) // what cannot be read is not waiting
		if len(list) == 0 {
			continue
		}
		text := fmt.Sprintf("config file '%s' needs updating.", path)
		switch {
		case !info.IsDir():
		case len(list) == 1:
			text = fmt.Sprintf("config file '%s' needs updating.", list[0].Live())
		default:
			text = fmt.Sprintf("%d config files in '%s' need updating.", len(list), path)
		}
		fmt.Fprintf(&b, "\n %s %s\n", paint("WARN", "* IMPORTANT:"), text)
	}
	if b.Len() == 0 {
		return ""
	}
	star := " " + paint("WARN", "*") + " "
	return b.String() + star + "See the " + paint("INFORM", "CONFIGURATION FILES") + " and " + paint("INFORM", "CONFIGURATION FILES UPDATE TOOLS") + "\n" +
		star + "sections of the emerge man page to learn how to update config files.\n"
}

// moreConsumers is how many users of a library are listed without --verbose.
const moreConsumers = 3

// preservedText lists the libraries that are kept for others, and who these are.
func (r *run) preservedText() string {
	target, paint := r.session.Target, r.painter()
	list, _ := preserved.Read(filepath.Join(target.EROOT(), preserved.Name), target.Path) // a bad registry is told of where it is used
	if len(list) == 0 {
		return ""
	}
	if r.line.Has("--quiet") {
		return "\n" + paint("WARN", "!!!") + " existing preserved libs found\n"
	}
	paths, _ := linkage.DefaultPaths(target.EROOT(), target.Config.Get("LD_LIBRARY_PATH")) // without them fewer users are found
	links, _ := linkage.Read(target.Installed, linkage.Options{Root: target.Path, Paths: paths, Preserved: list})
	all := make(map[string]bool)
	for _, rec := range list {
		for _, p := range rec.Paths {
			all[p] = true
		}
	}
	text := "\n" + paint("WARN", "!!!") + " existing preserved libs:\n"
	for _, rec := range list {
		text += paint("WARN", ">>>") + " package: " + rec.CPV + "\n"
		for _, files := range sameFiles(target.Path, rec.Paths) {
			for _, p := range files {
				text += paint("WARN", " * ") + " - " + p + "\n"
			}
			text += r.consumersText(links, files, rec, all)
		}
	}
	return text + "Use " + paint("GOOD", "emerge @preserved-rebuild") + " to rebuild packages using these libraries\n"
}

// sameFiles groups paths that lead to one file, each group and their order sorted.
func sameFiles(root string, paths []string) [][]string {
	group := make(map[string]int)
	var out [][]string
	for _, p := range slices.Sorted(slices.Values(paths)) {
		real, err := filepath.EvalSymlinks(filepath.Join(root, p))
		if err != nil {
			real = p
		}
		at, known := group[real]
		if !known {
			at = len(out)
			group[real] = at
			out = append(out, nil)
		}
		out[at] = append(out[at], p)
	}
	return out
}

// consumersText lists who uses a preserved library: not those that are preserved with
// it, and preserved ones of others only if there is nobody else.
func (r *run) consumersText(links *linkage.Map, files []string, rec preserved.Record, all map[string]bool) (text string) {
	users, _ := links.Consumers(files[0]) // who cannot be read is not listed
	users = slices.DeleteFunc(slices.Clone(users), func(u string) bool { return slices.Contains(rec.Paths, u) })
	slices.Sort(users)
	if slices.ContainsFunc(users, func(u string) bool { return !all[u] }) {
		users = slices.DeleteFunc(users, func(u string) bool { return all[u] })
	}
	shown := len(users)
	if !r.line.Has("--verbose") && shown > moreConsumers+1 {
		shown = moreConsumers
	}
	star := r.painter()("WARN", " * ")
	for _, u := range users[:shown] {
		by := "preserved"
		if !all[u] {
			by = ownerText(links.Owner(u))
		}
		text += star + "     used by " + u + " (" + by + ")\n"
	}
	if more := len(users) - shown; more > 0 {
		text += fmt.Sprintf("%s     used by %d other files\n", star, more)
	}
	return text
}

func ownerText(p *ebuild.Package, err error) string {
	if p == nil || err != nil {
		return ""
	}
	return p.CPV.String()
}
