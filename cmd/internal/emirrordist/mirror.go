package emirrordist

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/fetching"
	"github.com/tumpline/tumpline/cmd/internal/manifest"
	"github.com/tumpline/tumpline/ebuild"
	files "github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/merge/fetch"
)

// mirror goes through all ebuilds of the repository and fetches what is lacking.
func (r *run) mirror(ctx context.Context) error {
	settings, problems := fetching.Settings(r.env, r.session.Target.Config)
	for _, p := range problems {
		r.log(warning, "%v", p)
	}
	if err := r.adjust(&settings); err != nil {
		return err
	}
	cps, err := r.repo.CPs()
	if err != nil {
		return err
	}
	var wanted []*fetch.Request
	for _, cp := range cps {
		list, err := r.repo.Packages(cp)
		if err != nil {
			return err
		}
		for _, p := range list {
			request, err := r.request(ctx, p)
			if err != nil {
				return err
			}
			if len(request.Files) > 0 {
				wanted = append(wanted, request)
			}
		}
	}
	if r.dry || len(wanted) == 0 {
		return nil
	}
	results, err := fetch.New(settings).Fetch(ctx, wanted)
	if err != nil {
		return err
	}
	for _, res := range results {
		if err := r.result(res); err != nil {
			return err
		}
	}
	return nil
}

// adjust makes the settings of a configuration those of the mirror.
func (r *run) adjust(s *fetch.Settings) error {
	s.Distdir, s.ReadOnly, s.Custom, s.Mirrors = r.distfiles, nil, nil, nil
	s.Commands, s.Group = fetch.Commands{}, -1 // what the user has configured is for builds
	if r.local != "" {
		s.Mirrors = []string{r.local}
	}
	s.Jobs, s.Tries = max(r.words.Number("--jobs", 1), 1), max(r.words.Number("--tries", 10), 0)
	s.ForceMirror, s.MirrorMode, s.SizeOnly = false, false, !r.words.Has("--verify-existing-digest")
	if text := r.words.Text("--mirror-overrides"); text != nil {
		list, err := os.ReadFile(r.env.Abs(*text))
		if err != nil {
			return misunderstood("--mirror-overrides-file '%s' is not a readable file", r.env.Abs(*text))
		}
		for line := range strings.Lines(string(list)) {
			if words := strings.Fields(line); len(words) > 0 && words[0][0] != '#' {
				s.ThirdParty[words[0]] = words[1:]
			}
		}
	}
	if text := r.words.Text("--mirror-skip"); text != nil {
		for name := range strings.SplitSeq(*text, ",") {
			s.ThirdParty[name] = nil
		}
	}
	return nil
}

// request lists the files of an ebuild that have to be fetched. What is wrong with
// one is logged.
func (r *run) request(ctx context.Context, p *ebuild.Package) (*fetch.Request, error) {
	out := &fetch.Request{CPV: p.CPV}
	request, err := fetch.ForPackage(p, manifest.Policy(r.repo, r.session.Target.Config), nil)
	if err != nil {
		r.record(r.failure, "failure", fmt.Sprintf("%s\t\t%v", p.CPV, err))
		return out, nil
	}
	restrict, err := p.Restrict()
	if err != nil {
		r.record(r.failure, "failure", fmt.Sprintf("%s\t\t%v", p.CPV, err))
		return out, nil
	}
	limits := fetch.ParseRestrict(restrict.Leaves(func(string) bool { return false }))
	for _, f := range request.Files {
		f.URIs = slices.DeleteFunc(slices.Clone(f.URIs), func(u atoms.URI) bool { return !r.allowed(u, limits) })
		switch {
		case len(f.URIs) == 0 || r.owners[f.Name]:
			continue
		case len(f.Entry.Hashes) == 0:
			r.fail(p.CPV, f.Name, "digest entry missing")
			continue
		}
		r.owners[f.Name] = true
		lacks, err := r.lacks(ctx, p.CPV, f)
		if err != nil {
			return nil, err
		}
		if lacks {
			out.Files = append(out.Files, f)
		}
	}
	return out, nil
}

// allowed says if a file may be had from a URI for a mirror.
func (r *run) allowed(u atoms.URI, limits fetch.Restrict) bool {
	override := u.Override.String()
	if limits.Fetch && override != "fetch" && override != "mirror" {
		return false
	}
	if !limits.Fetch && !limits.Mirror || override == "mirror" {
		return true
	}
	rest, ok := strings.CutPrefix(u.URI, "mirror://")
	name, _, _ := strings.Cut(rest, "/")
	return ok && slices.Contains(r.exempt, name)
}

func (r *run) fail(cpv atoms.CPV, name, why string) {
	r.failed[name] = true
	r.record(r.failure, "failure", fmt.Sprintf("%s\t%s\t%s", cpv, name, why))
}

// lacks says if a file has to be fetched. A dry run tells from where.
func (r *run) lacks(ctx context.Context, cpv atoms.CPV, f *fetch.File) (bool, error) {
	known := true
	if r.db != nil {
		if _, known = r.db.owners[f.Name]; !known {
			r.db.owners[f.Name] = cpv.String()
		}
	}
	path := filepath.Join(r.distfiles, f.Name)
	st, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if err == nil && st.Size() == f.Entry.Size {
		if !r.words.Has("--verify-existing-digest") || (&files.Manifest{Path: f.Manifest}).CheckFile(ctx, f.Entry, path, files.Filter{}) == nil {
			if !known {
				r.added(cpv, f)
			}
			return false, nil
		}
	}
	if !r.dry {
		return true, nil
	}
	if err == nil {
		r.log(info, "dry-run: delete '%s' with wrong size from distfiles", f.Name)
	}
	from := f.URIs[0].URI
	if r.local != "" {
		if st, err := os.Stat(filepath.Join(r.local, f.Name)); err == nil && st.Size() == f.Entry.Size {
			r.log(info, "dry-run: copy '%s' from distfiles-local", f.Name)
			r.added(cpv, f)
			return false, nil
		}
	}
	r.log(info, "dry-run: fetch '%s' from '%s'", f.Name, from)
	r.added(cpv, f)
	return false, nil
}

// added counts a file that is there now, and notes it.
func (r *run) added(cpv atoms.CPV, f *fetch.File) {
	r.addedFiles++
	r.addedBy += f.Entry.Size
	r.record(r.success, "success", fmt.Sprintf("%s\t%s\tadded %d bytes", cpv, f.Name, f.Entry.Size))
}

// result notes what became of a file, and in --fetch-log-dir why it could not be had.
func (r *run) result(res *fetch.Result) error {
	logFile := filepath.Join(r.logDir, res.File.Name+".log")
	if res.Err == nil {
		r.added(res.CPV, res.File)
		if r.logDir != "" {
			if err := os.Remove(logFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	}
	why := "all uris failed"
	if len(res.Tried) == 0 {
		why = "no fetchable uris"
	}
	r.fail(res.CPV, res.File.Name, why)
	if r.logDir == "" {
		return nil
	}
	return os.WriteFile(logFile, []byte(res.Err.Error()+"\n"), 0o644)
}
