package manifest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/manifest/wholetree"
	"github.com/tumpline/tumpline/ebuild/openpgp"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// A verdict is what was found in one package, or in a whole tree; it is the JSON
// object about it.
type verdict struct {
	Package   string  `json:"package,omitempty"` // or:
	Tree      string  `json:"tree,omitempty"`    // path of a whole tree
	Signer    string  `json:"signer,omitempty"`  // of a whole tree: fingerprint
	Timestamp string  `json:"timestamp,omitempty"`
	Verified  int     `json:"verified"` // files
	Bytes     int64   `json:"bytes"`
	Errors    []fault `json:"errors"`
}

// A fault is one error of a verdict.
type fault struct {
	Kind     string `json:"kind"`               // missing, short, long, altered, unlisted, ...
	File     string `json:"file,omitempty"`     // what is wrong
	Manifest string `json:"manifest,omitempty"` // what says so
	Line     int    `json:"line,omitempty"`
	Message  string `json:"message"`
}

// verify compares files with Manifests, and says if there is a fault.
func verify(ctx context.Context, env *cli.Env, o *options, t *target) (failed bool, err error) {
	if _, signed := wholetree.Top(t.root); t.whole && (signed || len(o.keys) > 0) {
		return verifyTree(ctx, env, o, t)
	}
	layout, problems := repos.ReadLayout(t.root)
	for _, p := range problems {
		_, _ = fmt.Fprintf(env.Err, "%s: warning: %s\n", program, p) // a closed standard error cannot be told anything
	}
	policy := manifest.PolicyOf(layout)
	policy.Lenient = o.lenient
	policy.Filter = manifest.ParseFilter(env.Vars["PORTAGE_CHECKSUM_FILTER"])
	distdir := o.distdir
	if distdir == "" {
		distdir = env.Vars["DISTDIR"]
	}
	if distdir != "" {
		distdir = env.Abs(distdir)
	}
	total := &verdict{}
	cps := t.all()
	err = each(o.jobs, cps, func(cp atoms.CP) (*verdict, error) {
		check := &manifest.Check{Dir: filepath.Join(t.root, string(cp)), Policy: policy, Distdir: distdir}
		r, err := check.Run(ctx)
		if err != nil {
			return nil, err
		}
		return newVerdict(&verdict{Package: string(cp), Verified: r.Verified, Bytes: r.Bytes}, r.Errors), nil
	}, func(v *verdict) error {
		total.add(v)
		return v.show(env, o.json)
	})
	if err != nil {
		return false, err
	}
	return len(total.Errors) > 0, total.summary(env, o.json, plural(len(cps), "package"))
}

func verifyTree(ctx context.Context, env *cli.Env, o *options, t *target) (failed bool, err error) {
	with := wholetree.Options{Now: time.Now(), MaxAge: o.maxAge, Lenient: o.lenient, Jobs: o.jobs,
		Filter: manifest.ParseFilter(env.Vars["PORTAGE_CHECKSUM_FILTER"])}
	if len(o.keys) > 0 {
		var paths []string
		for _, k := range o.keys {
			paths = append(paths, env.Abs(k))
		}
		if with.Keys, err = openpgp.ReadKeyring(paths...); err != nil {
			return false, err
		}
	}
	r, err := wholetree.Verify(ctx, t.root, with)
	if err != nil {
		return false, err
	}
	v := newVerdict(&verdict{Tree: t.root, Verified: r.Verified, Bytes: r.Bytes}, r.Errors)
	if !r.Timestamp.IsZero() {
		v.Timestamp = r.Timestamp.UTC().Format(time.RFC3339)
	}
	if r.Signature != nil {
		v.Signer = r.Signature.Fingerprint
		if !o.json {
			fmt.Fprintf(env.Err, "%s: signed by %s %s\n", program, r.Signature.Fingerprint, r.Signature.User)
		}
	}
	if err := v.show(env, o.json); err != nil {
		return false, err
	}
	return len(v.Errors) > 0, v.summary(env, o.json, plural(r.Manifests, "Manifest"))
}

// each runs do for every package, several at once, and gives the verdicts to
// show in the order of the packages.
func each(jobs int, cps []atoms.CP, do func(atoms.CP) (*verdict, error), show func(*verdict) error) error {
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	type answer struct {
		v   *verdict
		err error
	}
	answers := make([]chan answer, len(cps))
	for i := range answers {
		answers[i] = make(chan answer, 1)
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			for i := range next {
				v, err := do(cps[i])
				answers[i] <- answer{v, err}
			}
		})
	}
	wg.Go(func() {
		for i := range cps {
			next <- i
		}
		close(next)
	})
	var failure error
	for _, ready := range answers {
		a := <-ready
		if failure == nil {
			if failure = a.err; failure == nil {
				failure = show(a.v)
			}
		}
	}
	wg.Wait()
	return failure
}

func newVerdict(v *verdict, errs []error) *verdict {
	v.Errors = []fault{}
	for _, err := range errs {
		f := fault{Kind: "other", Message: err.Error()}
		var file *manifest.FileError
		var problem *linefile.Problem
		var conflict *wholetree.ConflictError
		var stale *wholetree.StaleError
		switch {
		case errors.As(err, &file):
			f.Kind, f.File, f.Manifest, f.Line = kind(file.Fault), file.File, file.Manifest, file.Line
		case errors.As(err, &problem):
			f.Kind, f.Manifest, f.Line = "syntax", problem.File, problem.Line
		case errors.As(err, &conflict):
			f.Kind, f.File = "conflict", conflict.Path
		case errors.As(err, &stale):
			f.Kind, f.Manifest = "stale", stale.Manifest
		}
		v.Errors = append(v.Errors, f)
	}
	return v
}

// kind is the word for a fault in JSON.
func kind(f manifest.Fault) string {
	switch f {
	case manifest.Missing:
		return "missing"
	case manifest.Short:
		return "short"
	case manifest.Long:
		return "long"
	case manifest.Altered:
		return "altered"
	case manifest.Unlisted:
		return "unlisted"
	case manifest.NoHash:
		return "no-hash"
	case manifest.BadName:
		return "bad-name"
	}
	return "unreadable"
}

func (v *verdict) add(other *verdict) {
	v.Verified += other.Verified
	v.Bytes += other.Bytes
	v.Errors = append(v.Errors, other.Errors...)
}

func (v *verdict) show(env *cli.Env, asJSON bool) error {
	if asJSON {
		return writeJSON(env.Out, v)
	}
	for _, f := range v.Errors {
		if _, err := fmt.Fprintln(env.Out, lines(f.Message)); err != nil {
			return err
		}
	}
	return nil
}

func (v *verdict) summary(env *cli.Env, asJSON bool, of string) error {
	if asJSON {
		return nil
	}
	// A closed standard error cannot be told anything.
	_, _ = fmt.Fprintf(env.Err, "%s: %s of %s verified (%.1f MiB), %s\n", program, plural(v.Verified, "file"), of, float64(v.Bytes)/(1<<20), plural(len(v.Errors), "error"))
	return nil
}
