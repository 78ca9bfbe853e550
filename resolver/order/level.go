package order

import "github.com/tumpline/tumpline/resolver/digraph"

// A Level says which edges are ignored while leaves are looked for. Portage
// has two scales of them, one for ordinary use (N0 to N3) and one that also
// counts what is installed already (S0 to S7); N0 and S0, and N1 and S1, are
// the same. An edge survives a level if one of its priorities does. No level
// ignores a blocker edge. Portage: DepPriorityNormalRange and
// DepPrioritySatisfiedRange.
type Level uint8

const (
	LevelAll            Level = iota // N0, S0: every edge counts
	LevelSoft                        // N1, S1: without optional edges
	LevelPost                        // N2: without anything flagged runtime_post
	LevelHard                        // N3: only build-time edges and unsatisfiable-in-a-cycle := run-time ones
	LevelSatisfiedPost               // S2: without satisfied pure runtime_post
	LevelPurePost                    // S3: without pure runtime_post
	LevelUnsatisfiedRun              // S4: build-time and unsatisfied run-time edges
	LevelSlotOpBuild                 // S5: unsatisfied edges and := build-time ones
	LevelUnsatisfied                 // S6: unsatisfied build-time and run-time edges
	LevelUnsatHard                   // S7: unsatisfied build-time edges and unsatisfied := run-time ones
	levels
)

// String returns the level's place on Portage's scales.
func (l Level) String() string {
	names := [levels]string{"N0", "N1", "N2", "N3", "S2", "S3", "S4", "S5", "S6", "S7"}
	if l < levels {
		return names[l]
	}
	return "none"
}

// Ignores reports whether a priority does not count at the level.
func (l Level) Ignores(p digraph.Priority) bool {
	const hard, soft = digraph.Buildtime, digraph.Buildtime | digraph.Runtime
	if p.Has(digraph.BlockerEdge) || l == LevelAll {
		return false
	}
	optional, satisfied := p.Has(digraph.Optional), p.Has(digraph.Satisfied)
	slotOpRun := p.Has(digraph.RuntimeSlotOp) && !p.Has(digraph.Cross)
	purePost := p.Has(digraph.RuntimePost) && !p.Any(soft)
	switch l {
	case LevelSoft:
		return optional
	case LevelPost:
		return optional || p.Has(digraph.RuntimePost)
	case LevelHard:
		return !slotOpRun && (optional || !p.Has(hard))
	case LevelSatisfiedPost:
		return optional || satisfied && purePost
	case LevelPurePost:
		return optional || purePost
	case LevelUnsatisfiedRun:
		return optional || !p.Has(hard) && (satisfied || !p.Has(digraph.Runtime))
	case LevelSlotOpBuild:
		return optional || satisfied && !p.Has(digraph.BuildtimeSlotOp)
	case LevelUnsatisfied:
		return optional || satisfied || !p.Any(soft)
	case LevelUnsatHard:
		return (!slotOpRun || satisfied) && (satisfied || optional || !p.Has(hard))
	}
	return false
}

// Levels that ignore blocker edges as well; they serve the search for an
// uninstall task only. Frontiers count the first two.
const (
	hardUnblocked        = levels + iota // LevelHard without blocker edges
	unsatHardUnblocked                   // LevelUnsatHard likewise
	postUnblocked                        // LevelPost likewise
	unsatisfiedUnblocked                 // LevelUnsatisfied likewise
	maskLevels
)

// counted is the number of levels whose leaves a frontier keeps.
const counted = int(unsatHardUnblocked) + 1

// A scale is one of Portage's two ranges of levels.
type scale struct {
	leaf   []Level // tried in turn for single leaves
	cycle  []Level // tried in turn for cycles
	medium Level   // nodes that are leaves here may be part of a cycle
	last   Level   // the last of leaf: what it ignores may be missing at merge time

	mediumUnblocked, lastUnblocked Level
}

var (
	normalScale = scale{
		leaf:            []Level{LevelAll, LevelSoft, LevelPost},
		cycle:           []Level{LevelPost},
		medium:          LevelHard,
		last:            LevelPost,
		mediumUnblocked: hardUnblocked,
		lastUnblocked:   postUnblocked,
	}
	satisfiedScale = scale{
		leaf: []Level{LevelAll, LevelSoft, LevelSatisfiedPost, LevelPurePost,
			LevelUnsatisfiedRun, LevelSlotOpBuild, LevelUnsatisfied},
		cycle:           []Level{LevelPurePost, LevelUnsatisfiedRun, LevelSlotOpBuild, LevelUnsatisfied},
		medium:          LevelUnsatHard,
		last:            LevelUnsatisfied,
		mediumUnblocked: unsatHardUnblocked,
		lastUnblocked:   unsatisfiedUnblocked,
	}
)

// cycleOrder are the levels tried for the order inside a cycle, softest first.
var cycleOrder = [...]Level{LevelSoft, LevelPost, LevelHard, LevelSatisfiedPost, LevelPurePost,
	LevelUnsatisfiedRun, LevelSlotOpBuild, LevelUnsatisfied, LevelUnsatHard}

// An edgeMask has bit l set if an edge survives level l.
type edgeMask uint32

func (m edgeMask) has(l Level) bool { return m>>l&1 != 0 }

// maskOf computes the mask of an edge with the given priorities.
func maskOf(priorities []digraph.Priority) edgeMask {
	var m edgeMask
	for _, p := range priorities {
		for l := range levels {
			if !l.Ignores(p) {
				m |= 1 << l
			}
		}
		if p.Has(digraph.BlockerEdge) {
			continue
		}
		for i, plain := range [...]Level{LevelHard, LevelUnsatHard, LevelPost, LevelUnsatisfied} {
			if !plain.Ignores(p) {
				m |= 1 << (hardUnblocked + Level(i))
			}
		}
	}
	return m
}

// A maskTable keeps the masks of a graph's bundles.
type maskTable struct {
	g     *digraph.Graph
	masks []edgeMask // by Bundle
}

// of returns the mask of a bundle, computing those that appeared since.
func (t *maskTable) of(b digraph.Bundle) edgeMask {
	for int(b) >= len(t.masks) {
		t.masks = append(t.masks, maskOf(t.g.BundlePriorities(digraph.Bundle(len(t.masks)))))
	}
	return t.masks[b]
}
