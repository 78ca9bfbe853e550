package emerge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/mtimedb"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/report"
)

// resume answers --resume: the merges of the list that an earlier run left.
func (r *run) resume(ctx context.Context) error {
	list, err := r.resumeList()
	if err != nil {
		return fmt.Errorf("emerge: %w", err)
	}
	if list == nil {
		return r.nothingToResume()
	}
	if err := r.line.takeOver(list.Options); err != nil {
		return err
	}
	var tasks []string
	for _, t := range list.Tasks {
		tasks = append(tasks, fmt.Sprintf("('%s', '%s', '%s', '%s')", t.Type, t.Root, t.CPV, t.Action))
	}
	if r.line.Has("--skipfirst") {
		list.SkipFirst()
	}
	r.system = r.session.System()
	if r.options, err = params.Decode(r.line); err != nil {
		return misunderstood(err)
	}
	r.useInstalled()
	f := r.openFrame()
	request := &resolver.Request{Options: r.options, Args: r.favorites(list)}
	res, err := resolver.Resume(ctx, r.system, request, resumeTasks(list, request.Args))
	if err != nil {
		return err
	}
	res, err = r.staged(ctx, list, res)
	if err != nil {
		return err
	}
	f.close(-1)
	r.trace(&res.Result)
	if !r.json() {
		// A closed standard error cannot be told anything.
		_, _ = io.WriteString(r.env.Err, report.Resumed(res, tasks, r.reportOptions()).Text(r.look()))
	}
	if len(res.Unmet) > 0 && !r.json() {
		return r.cannotResume()
	}
	if res.Success && len(res.Pass.Order.List) == 0 {
		return r.nothingToResume()
	}
	if r.carries() {
		return r.execute(ctx, &outcome{Result: &res.Result, resuming: true, favorites: list.Favorites})
	}
	return r.show(&res.Result)
}

// staged plans the merges of a list anew, cycles broken, if nothing but a cycle
// keeps them from being ordered: what is merged first to break one is not in lists.
func (r *run) staged(ctx context.Context, list *mtimedb.List, res *resolver.Resumed) (*resolver.Resumed, error) {
	if res.Success || len(res.Unmet) > 0 {
		return res, nil
	}
	request := &resolver.Request{Options: r.options}
	if r.breakCycles(request); !request.BreakCycles {
		return res, nil
	}
	for _, t := range resumeTasks(list, nil) {
		if t.Root == r.session.Target.EROOT() {
			request.Args = append(request.Args, resolver.Arg{Text: t.Atom.String(), Atom: t.Atom})
		}
	}
	again, err := resolver.Resolve(ctx, r.system, request)
	if err != nil || !again.Success {
		return res, err
	}
	again.Restarts = -1
	return &resolver.Resumed{Result: *again, Left: res.Left}, nil
}

// wanted says whether a world entry is of an argument of the earlier run.
func wanted(favorites []string) func(plan.WorldEntry) bool {
	return func(e plan.WorldEntry) bool {
		if strings.HasPrefix(e.Atom, sets.Prefix) {
			return slices.Contains(favorites, e.Atom)
		}
		entry, err := atoms.ParseAtom(e.Atom, atoms.AtomOptions{AllowRepo: true})
		return err == nil && slices.ContainsFunc(favorites, func(word string) bool {
			a, err := atoms.ParseAtom(word, atoms.AtomOptions{AllowRepo: true})
			return err == nil && a.CP == entry.CP
		})
	}
}

// cannotResume ends the run; a list that cannot be carried out is given up, as
// emerge does.
func (r *run) cannotResume() error {
	if r.carries() && !r.line.Has("--ask") {
		if err := mtimedb.Clear(r.mtimedb()); err != nil {
			return fmt.Errorf("emerge: %w", err)
		}
	}
	return &cli.FailedError{Status: cli.StatusFailure}
}

// resumeList reads the list of the target. Where the build root is moved, "/"
// in it means that one.
func (r *run) resumeList() (*mtimedb.List, error) {
	s := r.session
	list, err := mtimedb.Read(filepath.Join(s.Target.EROOT(), mtimedb.Name), []string{s.Target.EROOT(), s.Build.EROOT(), "/"})
	if list == nil || err != nil {
		return nil, err
	}
	for i := range list.Tasks {
		if list.Tasks[i].Root == "/" {
			list.Tasks[i].Root = s.Build.EROOT()
		}
	}
	return list, nil
}

func (r *run) nothingToResume() error {
	if r.json() {
		return plan.Write(r.env.Out, &plan.Plan{Success: true, Request: r.request(), Roots: r.roots()})
	}
	_, err := io.WriteString(r.env.Out, render.NothingToResume(r.look()))
	return err
}

// takeOver adds the options of the earlier run; those of this one count first.
func (l *Line) takeOver(earlier map[string]any) error {
	for _, o := range options() {
		v, given := earlier[o.Long]
		if !given || l.Has(o.Long) || slices.Contains([]string{"--ask", "--color", "--skipfirst", "--tree", "--resume"}, o.Long) {
			continue
		}
		value, ok := resumedValue(v)
		if !ok {
			continue
		}
		if o.Support == NotYet {
			return &cli.RefusedError{Program: program, What: o.Long, Why: "it is an option of the run to be resumed"}
		}
		l.Options[o.Long] = value
	}
	return nil
}

// resumedValue is a value as the database has it.
func resumedValue(v any) (Value, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return Value{Kind: KindTrue}, true
		}
		return Value{Kind: KindFalse}, true
	case string:
		return textValue(v), true
	case float64:
		if n := int(v); float64(n) == v {
			return Value{Kind: KindInteger, Int: n, Float: v}, true
		}
		return Value{Kind: KindNumber, Float: v}, true
	case []any:
		value := Value{Kind: KindList}
		for _, x := range v {
			if word, ok := x.(string); ok {
				value.List = append(value.List, word)
			}
		}
		return value, true
	}
	return Value{}, false
}

// favorites are the arguments of the earlier run, without those that mean
// nothing any more.
func (r *run) favorites(list *mtimedb.List) []resolver.Arg {
	var args []resolver.Arg
	for _, word := range list.Favorites {
		if word == "system" || word == "world" {
			word = sets.Prefix + word
		}
		if name, ok := strings.CutPrefix(word, sets.Prefix); ok {
			if r.session.Target.Sets.Set(name) != nil {
				args = append(args, resolver.Arg{Text: word, Set: name})
			}
			continue
		}
		if a, err := atoms.ParseAtom(word, atoms.AtomOptions{AllowRepo: true}); err == nil {
			args = append(args, resolver.Arg{Text: word, Atom: a})
		}
	}
	return args
}

// resumeTasks turns the merges of a list into what the resolver takes.
func resumeTasks(list *mtimedb.List, args []resolver.Arg) []resolver.Task {
	var tasks []resolver.Task
	for _, t := range list.Tasks {
		task, err := resumeTask(list, t, args)
		if err == nil {
			tasks = append(tasks, task)
		}
	}
	return tasks
}

// errNoTask says that an entry is left out, as in Portage.
var errNoTask = errors.New("not a merge")

func resumeTask(list *mtimedb.List, t mtimedb.Task, args []resolver.Arg) (resolver.Task, error) {
	task := resolver.Task{Root: t.Root}
	switch {
	case t.Action != "merge":
		return task, errNoTask
	case t.Type == "ebuild":
	case t.Type == "binary":
		task.Origin = ebuild.OriginBinary
		for _, b := range list.Binaries {
			if b.CPV == t.CPV {
				task.Is = func(p *ebuild.Package) bool {
					return int64(p.BuildID) == b.BuildID && p.BuildTime() == b.BuildTime && p.MTime == b.MTime && p.Size == b.Size
				}
			}
		}
	default:
		return task, errNoTask
	}
	cpv, err := atoms.ParseCPV(t.CPV)
	if err != nil {
		return task, err
	}
	text := "=" + t.CPV
	for _, a := range args {
		if a.Atom != nil && a.Atom.Repo != "" && a.Atom.CP == cpv.CP && a.Atom.MatchVersion(cpv.Version) {
			text += "::" + a.Atom.Repo
			break
		}
	}
	task.Atom, err = atoms.ParseAtom(text, atoms.AtomOptions{AllowRepo: true})
	return task, err
}
