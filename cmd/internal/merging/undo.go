package merging

import (
	"context"
	"fmt"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/envupdate"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/livefs"
)

// Undo takes back the last transaction of a root, see livefs.Undo.
func Undo(ctx context.Context, env *cli.Env, root *session.Root, id int, force journal.Force) (*journal.Entry, error) {
	i := &Installer{Works: &Works{Env: env}}
	get := root.Config.Get
	return livefs.Undo(ctx, livefs.Root{Dir: root.Path, EPrefix: root.EPrefix}, id, force, livefs.Options{
		Now: time.Now(), Holder: "undo", KeepUndo: keepUndo,
		Waiting: func(holder string) { _, _ = fmt.Fprintf(env.Err, "waiting for %s\n", holder) }, // a closed stream cannot be told anything
		Env: &envupdate.Options{
			EPrefix: root.EPrefix, CHOST: get("CHOST"), CBUILD: get("CBUILD"), LibraryPath: get("LD_LIBRARY_PATH"),
			FindProgram: i.find, Run: i.runProgram, Now: time.Now(),
		},
	})
}
