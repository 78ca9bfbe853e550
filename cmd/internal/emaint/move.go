package emaint

import (
	"context"

	"github.com/tumpline/tumpline/cmd/internal/moving"
	"github.com/tumpline/tumpline/merge/vdb"
)

// places are where package moves are carried out.
func (r *run) places() *moving.Places {
	return &moving.Places{Session: r.session, Root: r.root, Now: r.now, Warn: r.warn}
}

// installedAsWritten are the installed packages under the names that they have on
// the disk.
func (r *run) installedAsWritten() *vdb.DB { return r.places().AsWritten() }

func checkMoveInst(_ context.Context, r *run) (bool, []string, error) {
	return r.places().CheckInstalled()
}

func fixMoveInst(_ context.Context, r *run) (bool, []string, error) {
	err := r.places().FixInstalled()
	return err == nil, nil, err
}

func checkMoveBin(_ context.Context, r *run) (bool, []string, error) {
	return r.places().CheckBinaries()
}

func fixMoveBin(ctx context.Context, r *run) (bool, []string, error) {
	err := r.places().FixBinaries(ctx)
	return err == nil, nil, err
}
