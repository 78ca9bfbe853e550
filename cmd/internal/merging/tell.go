package merging

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/livefs"
	"github.com/tumpline/tumpline/merge/vdb"
)

// acts gives what tells of each file that a merge or removal touches, as Portage's
// lines for --verbose; nil if nobody wants them.
func (w *Works) acts(root *session.Root, say func(string, ...any)) func(livefs.Act) {
	if !w.Verbose {
		return nil
	}
	return func(a livefs.Act) {
		if text := actText(root.Path, a); text != "" {
			say("%s", text)
		}
	}
}

// actText is the line about an act in a root.
func actText(root string, a livefs.Act) string {
	switch a.Deed {
	case livefs.Checking:
		return fmt.Sprintf(" * checking %d files for package collisions", a.Count)
	case livefs.Merging:
		return fmt.Sprintf(">>> Merging %s to %s", a.CPV, path.Clean(root)+strings.Repeat("/", min(1, len(path.Clean(root))-1)))
	case livefs.Placed:
		return placedText(root, a)
	case livefs.Replacing:
		return ">>> Safely unmerging already-installed instance..."
	case livefs.Dropped:
		mark := "<<<"
		if a.Mark != livefs.Changed {
			mark = "---"
		}
		return fmt.Sprintf("%s %-8s %s %s", mark, a.Why, a.Kind, path.Join(root, a.Path))
	case livefs.Replaced:
		return ">>> Original instance of package unmerged safely."
	}
	return ""
}

func placedText(root string, a livefs.Act) string {
	mark := map[livefs.Mark]string{livefs.Changed: ">>>", livefs.Same: "===", livefs.Left: "---", livefs.Blocked: "!!!"}[a.Mark]
	text := mark + " " + path.Join(root, a.Path)
	switch a.Kind {
	case vdb.KindDir:
		text += "/"
	case vdb.KindSymlink:
		text += " -> " + a.Target
	case vdb.KindFile, vdb.KindFIFO, vdb.KindDevice:
	}
	return text
}

// sayTo gives what prints lines to a stream; nil discards them.
func sayTo(to io.Writer) func(string, ...any) {
	return func(format string, args ...any) {
		if to != nil {
			_, _ = fmt.Fprintf(to, format+"\n", args...) // a closed stream cannot be told anything
		}
	}
}
