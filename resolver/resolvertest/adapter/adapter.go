// Package adapter has this program's resolver answer resolver cases: it turns a
// laid-out world into what the resolver takes, and its answer into a
// resolvertest.Result. It is the only place where the two meet.
package adapter

import (
	"context"
	"errors"

	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// ErrNoResolver is the answer as long as there is no resolver.
var ErrNoResolver = errors.New("no resolver is connected")

// Runner begins a session of the resolver in a world; it is a resolvertest.Runner.
func Runner(ctx context.Context, w *resolvertest.World) (resolvertest.Session, error) {
	return nil, ErrNoResolver // TODO: connect the resolver
}
