package livefs

import (
	"path/filepath"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/merge/vdb"
)

// slotLocks names the slots that are locked beside the root with
// FEATURES=parallel-install: Portage holds only these while it merges. The slot of a
// package that is not installed is the one given; of others it is that of their entry.
func slotLocks(root Root, o Options, list []atoms.CPV, slot string) (out []string) {
	if !o.Features["parallel-install"] {
		return nil
	}
	for n, cpv := range list {
		if slot != "" && n == len(list)-1 {
			out = append(out, string(cpv.CP)+":"+slot)
			continue
		}
		db := vdb.New(vdb.Options{Dir: filepath.Join(root.Dir, root.EPrefix, "var/db/pkg"),
			Only: vdb.Interest{Category: cpv.CP.Category(), Name: cpv.CP.Name()}})
		found, err := db.Packages(cpv.CP)
		if err != nil {
			continue // it is told when the database is read again
		}
		for _, p := range found {
			if p.CPV == cpv {
				out = append(out, string(cpv.CP)+":"+p.Slot)
			}
		}
	}
	return out
}
