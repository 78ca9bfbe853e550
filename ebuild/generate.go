package ebuild

import (
	"context"
	"errors"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

// A MetadataGenerator makes the metadata of an ebuild that has no fresh cache
// entry, by sourcing it: a whole entry, with the digests of the ebuild and of its
// eclasses. An ebuild whose EAPI is not supported gives an [UnsupportedEAPIError].
// It must be safe for concurrent use, and bounds by itself how much it does at
// once.
type MetadataGenerator interface {
	Entry(ctx context.Context, r *Repository, cpv atoms.CPV, ebuild string) (*md5cache.Entry, error)
}

// An UnsupportedEAPIError reports an ebuild of an EAPI that is not known. Such an
// ebuild is not sourced, and is not broken: it is masked by its EAPI.
type UnsupportedEAPIError struct {
	EAPI string // as the ebuild names it
}

func (e *UnsupportedEAPIError) Error() string { return "EAPI " + e.EAPI + " is not supported" }

// records gives all versions of a package in ascending order, those without
// metadata sourced if the store can. Problems are those of files, beside those of
// single records.
func (s *store) records(ctx context.Context, cp atoms.CP, why purpose) ([]record, []error) {
	f := s.find(cp)
	if s.sources() {
		s.generate(ctx, &f, why)
	}
	s.keep(cp, &f)
	return f.records, f.problems
}

// generate makes the metadata that is missing, that of all versions at once.
func (s *store) generate(ctx context.Context, f *found, why purpose) {
	var wait sync.WaitGroup
	for i := range f.records {
		r := &f.records[i]
		if r.entry == nil {
			wait.Go(func() {
				s.turns.enter(why)
				defer s.turns.leave(why)
				s.generateOne(ctx, r)
			})
		}
	}
	wait.Wait()
	for _, r := range f.records {
		if r.generated {
			f.note(r.pf, r.indexed())
		}
	}
}

func (s *store) generateOne(ctx context.Context, r *record) {
	entry, err := s.source(ctx, r.cpv, r.path)
	var unsupported *UnsupportedEAPIError
	switch {
	case errors.As(err, &unsupported):
		r.eapi, r.problem = unsupported.EAPI, nil
		return
	case err != nil:
		r.problem = &MetadataError{Fault: FaultMetadata, Err: err}
		return
	}
	r.entry, r.problem, r.generated = entry, nil, true
	if s.user != nil {
		// A cache that cannot be written to costs the same work next time, if there is
		// no index either.
		_ = s.user.Put(s.about(r), entry)
	}
}
