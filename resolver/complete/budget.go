package complete

import "context"

// A budget bounds the work of one search, counted in steps and not in time, so
// that the same request ends in the same way everywhere.
type budget struct {
	left int
	stop context.CancelFunc
}

// Costs of what a search does over and over again, and what it may cost in all:
// a few seconds. Requests take a thousandth of it.
const (
	maxWork      = 150_000_000
	costDecision = 10 // of one demand looked at
	costVariable = 1  // of one variable looked at
)

func newBudget(ctx context.Context) (context.Context, *budget) {
	ctx, stop := context.WithCancel(ctx)
	return ctx, &budget{left: maxWork, stop: stop}
}

// spend takes from the budget and ends the search when it is used up.
func (b *budget) spend(cost int) {
	if b.left -= cost; b.left < 0 {
		b.stop()
	}
}
