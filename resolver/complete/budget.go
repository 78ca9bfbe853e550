package complete

import "context"

// A budget bounds the work of one search, counted in steps and not in time, so
// that the same request ends in the same way everywhere.
type budget struct {
	left int
	stop context.CancelFunc
}

// An Effort is how much a search may cost.
type Effort uint8

const (
	EffortPlan  Effort = iota // where packages are lacking: a few seconds
	EffortOrder               // where only an order is: a part of one; what is found is mostly another cycle
)

// work returns the steps that an effort allows. Requests take a thousandth of it.
func (e Effort) work() int {
	if e == EffortOrder {
		return 10_000_000
	}
	return 150_000_000
}

// Costs of what a search does over and over again.
const (
	costDecision = 10   // of one demand looked at
	costVariable = 1    // of one variable looked at
	costWalked   = 1000 // of one package in the formula when a model is checked by a pass
)

func newBudget(ctx context.Context, e Effort) (context.Context, *budget) {
	ctx, stop := context.WithCancel(ctx)
	return ctx, &budget{left: e.work(), stop: stop}
}

// exhausted says that the search has to end.
func (b *budget) exhausted() bool { return b.left < 0 }

// spend takes from the budget and ends the search when it is used up.
func (b *budget) spend(cost int) {
	if b.left -= cost; b.left < 0 {
		b.stop()
	}
}
