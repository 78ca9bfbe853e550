package regen

import (
	"context"
	"os"
	"strconv"
	"strings"
	"time"
)

// A gate holds work back while the machine is loaded.
type gate struct {
	most float64 // 0: any load
	load func() (float64, error)
	wait time.Duration
}

// patience is how long a gate waits before it looks again.
const patience = time.Second

func newGate(most float64) *gate { return &gate{most: most, load: loadAverage, wait: patience} }

// admit waits until the load is below the limit. One thing at a time is always
// done, as in Portage; where the system tells no load there is no limit.
func (g *gate) admit(ctx context.Context, running int) error {
	for g.most > 0 && running > 0 {
		if load, err := g.load(); err != nil || load < g.most {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(g.wait):
		}
	}
	return ctx.Err()
}

// loadAverage gives the load of the last minute.
func loadAverage() (float64, error) {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(data), " ")
	return strconv.ParseFloat(first, 64)
}
