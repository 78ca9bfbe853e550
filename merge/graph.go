package merge

import (
	"slices"

	"github.com/tumpline/tumpline/merge/sched"
	"github.com/tumpline/tumpline/resolver/plan"
)

// Lanes of tasks.
const (
	laneFetch = "fetch"
	laneBuild = "build"
	laneMerge = "merge:" // and the root
)

// tasks of a step, each counted from 1 in the list of tasks; 0: there is none.
type parts struct {
	fetch, build, last int
}

// makeTasks turns the steps of the plan into tasks:
//
//	fetch ─► build ─► merge      a merge; with another goal it ends earlier
//	unmerge
//
// The first task of a step waits for the last one of each step before it that it
// reaches over needs.
func (r *runner) makeTasks() {
	r.of = make([]parts, len(r.steps))
	for i, s := range r.steps {
		if s.Operation == plan.OpUnmerge {
			if r.options.Goal == ToRoot {
				r.addUnmerge(i)
			}
			continue
		}
		r.addMerge(i)
	}
}

func (r *runner) add(step int, work Work, t sched.Task) int {
	t.Name = string(work) + " " + r.steps[step].CPV
	r.tasks = append(r.tasks, t)
	r.works = append(r.works, work)
	r.stepOf = append(r.stepOf, step)
	return len(r.tasks)
}

// addMerge makes the tasks of a merge.
func (r *runner) addMerge(i int) {
	s, o := r.steps[i], &r.options
	expected := Duration{}
	if o.Expected != nil {
		expected = o.Expected(s)
	}
	if o.Goal == ToFiles {
		r.of[i].last = r.add(i, WorkFetch, sched.Task{Lane: laneFetch, Expected: expected.Fetch, Run: r.fetch(i)})
		return
	}
	build := sched.Task{Lane: laneBuild, Expected: expected.Build, Run: r.build(i)}
	if o.Fetches > 0 && s.Fetch.Bytes > 0 && s.Fetch.Restriction == plan.FetchFree {
		r.of[i].fetch = r.add(i, WorkFetch, sched.Task{Lane: laneFetch, Expected: expected.Fetch, Run: r.fetch(i)})
		build.Needs = append(build.Needs, sched.Need{Task: r.of[i].fetch - 1})
	} else {
		build.Expected += expected.Fetch
	}
	if o.Goal == ToRoot {
		build.Needs = append(build.Needs, r.needs(i)...)
		build.After = r.sameBuild(i)
	}
	if o.Jobs == 1 {
		build.After = append(build.After, r.previous(i)...)
	}
	r.of[i].build = r.add(i, WorkBuild, build)
	r.of[i].last = r.of[i].build
	if o.Goal == ToRoot {
		r.of[i].last = r.add(i, WorkMerge, sched.Task{
			Lane: laneMerge + string(s.Root), Expected: expected.Merge, Concludes: r.of[i].build, After: r.sameSlot(i), Run: r.install(i),
		})
	}
}

// addUnmerge makes the task of an unmerge. It waits for all merges before it in its
// root: until then what it removes may be needed.
func (r *runner) addUnmerge(i int) {
	t := sched.Task{Lane: laneMerge + string(r.steps[i].Root), Run: r.remove(i)}
	for j := range i {
		if r.steps[j].Root == r.steps[i].Root && r.of[j].last > 0 {
			t.After = append(t.After, r.of[j].last-1)
		}
	}
	if r.options.Jobs == 1 {
		t.After = append(t.After, r.previous(i)...)
	}
	t.Needs = r.unblocked(i)
	r.of[i].last = r.add(i, WorkUnmerge, t)
}

// previous is the last task of the step before.
func (r *runner) previous(i int) []int {
	for j := i - 1; j >= 0; j-- {
		if r.of[j].last > 0 {
			return []int{r.of[j].last - 1}
		}
	}
	return nil
}

// needs lists what has to be there before a step is built.
func (r *runner) needs(i int) (list []sched.Need) {
	reached := r.reach(i, nil)
	for j := range i {
		if r.of[j].last == 0 {
			continue
		}
		need := sched.Need{Task: r.of[j].last - 1}
		switch {
		case reached[j]:
			need.Without = func() bool { return !r.reach(i, r.steps[j])[j] }
		case r.options.Libc != nil && r.steps[i].Root == r.steps[j].Root && r.options.Libc(r.steps[j]):
			need.Without = func() bool { return len(r.steps[j].Installed) > 0 }
		default:
			continue
		}
		list = append(list, need)
	}
	return append(list, r.unblocked(i)...)
}

// reach marks the steps that a step reaches over needs. Without, if not nil, is a
// step that failed: needs of it that are met otherwise are passed over.
func (r *runner) reach(i int, without *plan.Step) []bool {
	seen := make([]bool, len(r.steps))
	seen[i] = true
	stack := []int{i}
	for len(stack) > 0 {
		s := r.steps[stack[len(stack)-1]]
		stack = stack[:len(stack)-1]
		for k := range s.Needs {
			n := &s.Needs[k]
			if n.Step <= 0 || int(n.Step) > len(r.steps) || seen[n.Step-1] {
				continue
			}
			if without != nil && n.Step == without.ID && r.options.Met != nil && r.options.Met(s, n) {
				continue
			}
			seen[n.Step-1] = true
			stack = append(stack, int(n.Step-1))
		}
	}
	seen[i] = false
	return seen
}

// unblocked lists the steps before a step which solve blocks between the two.
func (r *runner) unblocked(i int) (list []sched.Need) {
	s := r.steps[i]
	for _, b := range r.blockers {
		if b.Root != s.Root {
			continue
		}
		switch {
		case b.Step > 0 && int(b.Step)-1 < i && slices.Contains(b.Blocking, s.CPV):
			if last := r.of[b.Step-1].last; last > 0 {
				list = append(list, sched.Need{Task: last - 1})
			}
		case b.Step == s.ID:
			for j := range i {
				if r.steps[j].Root == b.Root && slices.Contains(b.Blocking, r.steps[j].CPV) && r.of[j].last > 0 {
					list = append(list, sched.Need{Task: r.of[j].last - 1})
				}
			}
		}
	}
	return list
}

// sameBuild lists what uses the build directory of a step before it.
func (r *runner) sameBuild(i int) (list []int) {
	for j := range i {
		if r.steps[j].CPV == r.steps[i].CPV && r.of[j].last > 0 {
			list = append(list, r.of[j].last-1)
		}
	}
	return list
}

// sameSlot lists what has to be over before a step replaces what an earlier one has
// merged to the same slot, as a package that is merged twice does: the earlier
// merge, and the steps between that need it.
func (r *runner) sameSlot(i int) (list []int) {
	s := r.steps[i]
	for j := range i {
		earlier := r.steps[j]
		if r.of[j].last == 0 || earlier.CP != s.CP || earlier.Slot != s.Slot || earlier.Root != s.Root {
			continue
		}
		list = append(list, r.of[j].last-1)
		for k := j + 1; k < i; k++ {
			needs := slices.ContainsFunc(r.steps[k].Needs, func(n plan.Need) bool { return n.Step == earlier.ID })
			if needs && r.of[k].last > 0 {
				list = append(list, r.of[k].last-1)
			}
		}
	}
	return list
}

// lanes are the limits of the run.
func (r *runner) lanes() map[string]sched.Lane {
	o := &r.options
	merges := sched.Lane{Limit: 1}
	if o.MergeWait && o.Jobs != 1 {
		merges.Idle = []string{laneBuild}
	}
	fetches := o.Fetches
	if fetches == 0 {
		fetches = 1
	}
	return map[string]sched.Lane{
		laneFetch: {Limit: fetches},
		laneBuild: {Limit: o.Jobs, Load: true},

		laneMerge + string(plan.RootTarget):  merges,
		laneMerge + string(plan.RootBuild):   merges,
		laneMerge + string(plan.RootSysroot): merges,
	}
}
