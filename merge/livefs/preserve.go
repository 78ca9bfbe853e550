package livefs

import (
	"github.com/tumpline/tumpline/merge/vdb"
)

// A keeping is the libraries of replaced versions that stay.
type keeping struct {
	contents []vdb.Content   // for the new entry
	paths    map[string]bool // real
}

func (j *job) preservedPaths() (map[string]bool, error) { return nil, nil }

func (j *job) planPreserved(e Entry, contents []vdb.Content, fresh map[string]vdb.Content, olds []*instance) (keeping, error) {
	return keeping{}, nil
}

func (j *job) planKept(in *instance) (map[string]bool, error) { return nil, nil }
